"""A ZIP archive of somebody else: nothing in it is believed, and little of it costs memory."""

from __future__ import annotations

import io
import stat
import struct
import tracemalloc
import zipfile

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from evidence.sources import archives
from evidence.sources.archives import Archive, ArchiveRefused, is_archive
from tests.evidence.sources.exports import packed


def encrypted() -> bytes:
    """The flag of a password set in both places that have it."""
    data = bytearray(packed({"a.txt": "secret"}))
    data[6] |= 1
    data[data.index(b"PK\x01\x02") + 8] |= 1
    return bytes(data)


def test_files_are_read_by_name() -> None:
    archive = Archive.of(packed({"a/b.txt": "words", "c.jpg": b"\xff\xd8"}))
    assert list(archive.names()) == ["a/b.txt", "c.jpg"]
    assert archive.read("a/b.txt", 100) == b"words"


@pytest.mark.parametrize(
    ("data", "words"),
    [
        (b"", "no ZIP archive"),
        (b"PK\x03\x04" + bytes(100), "no ZIP archive"),
        (packed({"a.txt": "x"})[:-30], "no ZIP archive"),
        (encrypted(), "protected with a password"),
        (packed({"../../etc/passwd": "x"}), "leads out"),
        (packed({"/etc/passwd": "x"}), "leads out"),
        (packed({"..\\..\\boot.ini": "x"}), "leads out"),
        (packed({"C:\\boot.ini": "x"}), "leads out"),
    ],
    # An archive holds the time it was made: as a name it would be another one in each process that collects the tests.
    ids=["nothing", "a head alone", "cut off", "encrypted", "up", "from the root", "up by backslashes", "of a drive"],
)
def test_what_cannot_be_trusted_is_refused(data: bytes, words: str) -> None:
    with pytest.raises(ArchiveRefused, match=words):
        Archive.of(data)


def test_a_bomb_is_refused_in_little_memory() -> None:
    """A megabyte that unpacks to a gigabyte."""
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as archive, archive.open("_chat.txt", "w") as stream:
        for _ in range(1024):
            stream.write(bytes(2**20))
    tracemalloc.start()
    try:
        with pytest.raises(ArchiveRefused, match="more than can be unpacked"):
            Archive.of(out.getvalue()).read("_chat.txt", 2**20)
        assert tracemalloc.get_traced_memory()[1] < 16 * 2**20
    finally:
        tracemalloc.stop()


def test_the_sum_of_what_is_read_is_bounded_too() -> None:
    archive = Archive.of(packed({f"{number}.txt": bytes(2**20) for number in range(4)}))
    archive._room = 3 * 2**20 - 1
    archive.read("0.txt", 2**21)
    archive.read("1.txt", 2**21)
    with pytest.raises(ArchiveRefused, match="more than can be unpacked"):
        archive.read("2.txt", 2**21)


def test_a_size_that_lies_is_not_believed() -> None:
    """The header says ten bytes, the data has a million: no more than asked for is unpacked."""
    data = bytearray(packed({"a.txt": bytes(10**6)}))
    data[data.index(b"PK\x01\x02") + 24 : data.index(b"PK\x01\x02") + 28] = struct.pack("<I", 10)
    with pytest.raises(ArchiveRefused, match=r"damaged|more than"):
        Archive.of(bytes(data)).read("a.txt", 5)


def test_too_many_entries_are_refused_before_they_are_listed(monkeypatch: pytest.MonkeyPatch) -> None:
    many = packed({f"{number}": "" for number in range(50)}, method=zipfile.ZIP_STORED)
    monkeypatch.setattr(archives, "MAX_ENTRIES", 49)
    with pytest.raises(ArchiveRefused, match="holds 50 files"):
        Archive.of(many)
    monkeypatch.setattr(archives, "MAX_DIRECTORY", 1000)
    monkeypatch.setattr(zipfile, "ZipFile", None)
    with pytest.raises(ArchiveRefused, match="more files than"):
        Archive.of(many)


@pytest.mark.parametrize("method", [zipfile.ZIP_BZIP2, zipfile.ZIP_LZMA])
def test_other_ways_of_packing_are_refused(method: int) -> None:
    with pytest.raises(ArchiveRefused, match="Pack it anew"):
        Archive.of(packed({"a.txt": "x"}, method=method)).read("a.txt", 10)


def test_an_archive_for_giant_files_is_refused() -> None:
    data = packed({"a.txt": "x"})
    locator = b"PK\x06\x07" + bytes(16)
    with pytest.raises(ArchiveRefused, match="ZIP64"):
        Archive.of(data[:-22] + locator + data[-22:])


def test_links_and_folders_are_no_files() -> None:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w") as archive:
        link = zipfile.ZipInfo("chat.txt")
        link.external_attr = (stat.S_IFLNK | 0o777) << 16
        archive.writestr(link, "/etc/passwd")
        archive.mkdir("folder")
    assert list(Archive.of(out.getvalue()).names()) == []


def test_a_damaged_file_is_refused() -> None:
    data = bytearray(packed({"a.txt": bytes(range(256)) * 50}))
    data[60] ^= 0xFF
    with pytest.raises(ArchiveRefused, match="damaged"):
        Archive.of(bytes(data)).read("a.txt", 10**6)


@settings(max_examples=80, deadline=None)
@given(data=st.data())
def test_any_damage_is_survived_or_refused(data: st.DataObject) -> None:
    whole = bytearray(packed({"_chat.txt": "31.12.2025 21:15 - Emily: Hello", "b/c.jpg": b"\xff\xd8" * 40}))
    for _ in range(data.draw(st.integers(1, 6))):
        whole[data.draw(st.integers(0, len(whole) - 1))] = data.draw(st.integers(0, 255))
    try:
        archive = Archive.of(bytes(whole))
        assert all(len(archive.read(name, 1000)) <= 1000 for name in archive.names())
    except ArchiveRefused:
        pass


def test_a_text_is_no_archive() -> None:
    assert not is_archive(b"31.12.2025")
    assert is_archive(packed({"a": ""}))
    assert is_archive(packed({}))
