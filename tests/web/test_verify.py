"""Checking offline: what cannot be read is said in a sentence that names the file."""

from __future__ import annotations

from pathlib import Path

import pytest

from web.verify import Unreadable, verify_audit, verify_packet


def test_a_file_that_is_not_there_is_named(tmp_path: Path) -> None:
    with pytest.raises(Unreadable, match="cannot be read"):
        verify_packet(tmp_path / "none.pdf", None)


def test_what_is_no_audit_export_is_named(tmp_path: Path) -> None:
    path = tmp_path / "audit.jsonl"
    path.write_text('{"seq": 1')
    with pytest.raises(Unreadable, match="no audit export"):
        verify_audit(path, None)


def test_what_is_no_manifest_is_named(tmp_path: Path) -> None:
    (tmp_path / "packet.pdf").write_bytes(b"%PDF")
    (tmp_path / "manifest.json").write_text("{}")
    with pytest.raises(Unreadable, match="no manifest"):
        verify_packet(tmp_path / "packet.pdf", tmp_path / "manifest.json")


def test_a_packet_whose_name_does_not_carry_its_hash_is_told(tmp_path: Path) -> None:
    path = tmp_path / "packet-0123456789.pdf"
    path.write_bytes(b"%PDF")
    assert "its name says 0123456789" in (verify_packet(path, None) or "")
