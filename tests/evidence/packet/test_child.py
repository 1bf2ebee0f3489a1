from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from evidence.packet.child import Bounds, Helper
from evidence.packet.errors import FileRefused, PacketRefused, RenderFailed

JOBS = "tests.evidence.packet.jobs"


@pytest.fixture(scope="module")
def helper() -> Iterator[Helper]:
    helper = Helper(Bounds(seconds=20, cpu=10, bytes=1 << 30))
    yield helper
    helper.close()


def test_a_job_that_never_ends_is_ended_by_the_clock(helper: Helper) -> None:
    started = time.monotonic()
    with pytest.raises(RenderFailed, match=r"more time or memory"):
        helper.call(f"{JOBS}:sleep", {}, [], Bounds(seconds=0.5, cpu=10))
    assert time.monotonic() - started < 15


def test_a_job_that_only_counts_is_ended_by_its_processor_time(helper: Helper) -> None:
    with pytest.raises(RenderFailed, match=r"more time or memory"):
        helper.call(f"{JOBS}:spin", {}, [], Bounds(seconds=20, cpu=1))


def test_a_job_that_wants_all_memory_is_ended(helper: Helper) -> None:
    with pytest.raises(RenderFailed, match=r"more time or memory"):
        helper.call(f"{JOBS}:swell", {}, [])


def test_a_job_that_dies_is_an_answer_and_the_next_job_runs(helper: Helper) -> None:
    with pytest.raises(RenderFailed):
        helper.call(f"{JOBS}:die", {}, [])
    assert helper.call(f"{JOBS}:echo", {"word": "Çınar"}, [b"blob", b""]) == ({"word": "Çınar"}, [b"blob", b""])


def test_a_job_may_not_reach_out(helper: Helper) -> None:
    with pytest.raises(RenderFailed, match=r"not allowed while rendering"):
        helper.call(f"{JOBS}:connect", {}, [])
    with pytest.raises(RenderFailed, match=r"not allowed while rendering"):
        helper.call(f"{JOBS}:run_a_program", {}, [])


def test_a_job_may_not_write_files(helper: Helper, tmp_path: Path) -> None:
    with pytest.raises(RenderFailed, match=r"File too large"):
        helper.call(f"{JOBS}:write", {"path": str(tmp_path / "out")}, [])


def test_refusals_keep_their_kind(helper: Helper) -> None:
    with pytest.raises(PacketRefused, match=r"too many"):
        helper.call(f"{JOBS}:refuse", {}, [])
    with pytest.raises(FileRefused, match=r"'a.pdf' is damaged"):
        helper.call(f"{JOBS}:refuse_file", {}, [])


def test_no_secret_of_ours_is_in_the_childs_environment(helper: Helper, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("COUNTERPROOF_TEST_SECRET", "hush")
    fresh = Helper()
    try:
        done, _ = fresh.call(f"{JOBS}:environment", {}, [])
    finally:
        fresh.close()
    assert "COUNTERPROOF_TEST_SECRET" not in done["names"]


def test_a_killed_server_is_started_again(helper: Helper) -> None:
    done, _ = helper.call(f"{JOBS}:parent", {}, [])
    os.kill(done["pid"], signal.SIGKILL)
    deadline = time.monotonic() + 5
    while is_alive(done["pid"]) and time.monotonic() < deadline:
        time.sleep(0.02)
    assert helper.call(f"{JOBS}:echo", {"again": True}, [])[0] == {"again": True}


def test_a_jobs_collector_does_not_walk_what_the_warm_up_left(helper: Helper) -> None:
    done, _ = helper.call(f"{JOBS}:collected", {}, [])
    assert done["frozen"] > 10 * done["walked"]


def test_an_installation_that_cannot_render_says_what_to_install() -> None:
    broken = "OSError('cannot load library libpango-1.0-0')"
    code = (
        "from evidence.packet import produce, server;"
        f"produce.warm_up = lambda: (_ for _ in ()).throw({broken}); print(server._warm_up())"
    )
    root = str(Path(__file__).parents[3])
    said = subprocess.run([sys.executable, "-c", code], cwd=root, capture_output=True, check=True, text=True).stdout
    assert "cannot load library libpango-1.0-0" in said
    assert "apt-get install --no-install-recommends libpango-1.0-0 libpangoft2-1.0-0" in said


def test_child_dies_with_its_parent(tmp_path: Path) -> None:
    code = (
        "import sys; from evidence.packet.child import Helper;"
        f"Helper().call('{JOBS}:tell_and_sleep', {{'path': sys.argv[1]}}, [])"
    )
    inbox = tmp_path / "told"
    os.mkfifo(inbox)
    root = str(Path(__file__).parents[3])
    with subprocess.Popen(
        [sys.executable, "-c", code, str(inbox)], env={**os.environ, "PYTHONPATH": root}, cwd=tmp_path
    ) as parent:
        with inbox.open() as pipe:
            server, child = (int(word) for word in pipe.readline().split())
        assert is_alive(server)
        assert is_alive(child)
        parent.kill()
    deadline = time.monotonic() + 10
    while (is_alive(server) or is_alive(child)) and time.monotonic() < deadline:
        time.sleep(0.05)
    assert not is_alive(server)
    assert not is_alive(child)


def is_alive(pid: int) -> bool:
    try:
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] != "Z"
    except (FileNotFoundError, ProcessLookupError):
        return False
