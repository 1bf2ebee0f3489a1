"""The guard of every address the desk calls."""

from __future__ import annotations

import socket

import pytest

from disputes.addresses import BadAddress, checked


@pytest.fixture
def names(monkeypatch: pytest.MonkeyPatch) -> dict[str, list[str]]:
    known = {"public.example": ["93.184.215.14"]}

    def lookup(host: str, port: int, **_: object) -> list[tuple[object, ...]]:
        if host in known:
            return [(0, 0, 0, "", (address, port)) for address in known[host]]
        try:
            return [(0, 0, 0, "", (socket.inet_ntop(socket.AF_INET, socket.inet_aton(host)), port))]
        except OSError:
            pass
        if ":" in host:
            return [(0, 0, 0, "", (host, port))]
        raise OSError("no such machine")

    monkeypatch.setattr("disputes.addresses.socket.getaddrinfo", lookup)
    return known


def test_a_public_machine_over_https_is_called(names: dict[str, list[str]]) -> None:
    assert checked("https://public.example/hook/") == "https://public.example/hook"


@pytest.mark.parametrize(
    "url",
    [
        "http://public.example",
        "https://127.0.0.1",
        "https://2130706433",
        "https://0x7f.1",
        "https://10.1.2.3",
        "https://192.168.0.4",
        "https://172.16.0.1",
        "https://169.254.169.254/latest",
        "https://100.64.0.1",
        "https://0.0.0.0",
        "https://224.0.0.1",
        "https://[::1]",
        "https://[::ffff:127.0.0.1]",
        "https://[fd00::1]",
        "https://[fe80::1]",
        "https://nobody.example",
        "https://user:word@public.example",
        "https://public.example\r\nHost: other",
        "https://public.example:99999",
        "file:///etc/passwd",
        "gopher://public.example",
        "https://",
        "",
    ],
)
def test_everything_else_is_refused_in_words(url: str, names: dict[str, list[str]]) -> None:
    with pytest.raises(BadAddress, match=r"\.$"):
        checked(url)


def test_a_name_that_also_stands_for_an_inner_machine_is_refused(names: dict[str, list[str]]) -> None:
    names["both.example"] = ["93.184.215.14", "10.0.0.1"]
    with pytest.raises(BadAddress, match=r"10\.0\.0\.1"):
        checked("https://both.example")


def test_loopback_is_allowed_only_where_asked_for(names: dict[str, list[str]]) -> None:
    assert checked("http://127.0.0.1:9000", loopback=True) == "http://127.0.0.1:9000"
    with pytest.raises(BadAddress):
        checked("http://10.0.0.1:9000", loopback=True)
