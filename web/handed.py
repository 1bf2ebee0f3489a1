"""An answer as a person carries it to the gateway: its files, its texts and a checklist, in one archive."""

from __future__ import annotations

import zipfile
from collections.abc import Callable
from typing import IO

from disputes import links
from disputes.clock import plainly
from disputes.knowledge import text_limits
from disputes.response import Response, ResponseFile
from web import words
from web.case_view import Case

_DOS_EPOCH = (1980, 1, 1, 0, 0, 0)
"""Of every entry: the hour of the download must not change the bytes."""


def pack(out: IO[bytes], case: Case, response: Response, bytes_of: Callable[[str], bytes]) -> None:
    """`bytes_of` reads a file by its hash. Names repeat only where one file stands in two slots."""
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as archive:
        _add(archive, "checklist-for-you.txt", checklist(case, response).encode())
        for name in dict.fromkeys(file.name for file in response.files):
            sha256 = next(file.sha256 for file in response.files if file.name == name)
            _add(archive, f"files/{name}", bytes_of(sha256), compressed=False)
        for name, text in sorted(response.fields.items()):
            _add(archive, f"texts/{_file_name(name)}.txt", text.encode())


def _add(archive: zipfile.ZipFile, name: str, data: bytes, *, compressed: bool = True) -> None:
    entry = zipfile.ZipInfo(name, _DOS_EPOCH)
    entry.compress_type = zipfile.ZIP_DEFLATED if compressed else zipfile.ZIP_STORED
    entry.external_attr = 0o600 << 16
    archive.writestr(entry, data)


def _file_name(field: str) -> str:
    return "".join(sign if sign.isascii() and sign.isalnum() else "_" for sign in field).strip("_") or "text"


def checklist(case: Case, response: Response) -> str:
    """For the person who files: where, by when, what, and what to do after. Not for the bank."""
    dispute, zone = case.dispute, case.visit.merchant.zone
    due = plainly(dispute.due_at, zone) if dispute.due_at else "not named; ask there"
    own = links.case(case.visit.merchant.slug, dispute.id)
    lines = [
        f"How to file the answer to {dispute.external_id}",
        "This list is for you. Do not send it with the answer.",
        "",
        f"Case:      {dispute.external_id} at {case.gateway_title}, {dispute.amount}",
        f"Order:     {dispute.order_ref or 'not known'}",
        f"Due:       {due}",
        f"Version:   {response.sha256}",
        f"Where:     {words.PLACE.get(dispute.gateway, words.PLACE['manual'])}",
        f"Limits:    {_limits(case)}",
        "",
        "[ ] 1. Open the case there and check its number and its deadline.",
        "[ ] 2. Put in these files:",
        *(f"       {words.field_name(file.slot)}: {_shown(file)}" for file in response.files),
        "[ ] 3. Paste these texts, each from its file in “texts”:",
        *(
            f"       {words.field_name(name)}: {_length(case, name, text)}"
            for name, text in sorted(response.fields.items())
        ),
        "[ ] 4. Look at everything once more: in most places nothing can be added or changed after sending.",
        "[ ] 5. Send it, and keep the confirmation (a picture of the page, or the mail).",
        f"[ ] 6. Mark the case as filed: {case.visit.settings.url}{own}/hand-over",
        "",
    ]
    return "\n".join(lines)


def _shown(file: ResponseFile) -> str:
    pages = "1 page" if file.pages == 1 else f"{file.pages} pages"
    return f"{file.name} ({pages}, {file.size:,} bytes, SHA-256 {file.sha256})"


def _limits(case: Case) -> str:
    limits = case.limits
    return f"{limits.total_bytes:,} bytes and {limits.total_pages} pages in all, {limits.file_bytes:,} bytes a file"


def _length(case: Case, name: str, text: str) -> str:
    if case.manual:
        return f"{len(text):,} characters"
    return f"{len(text):,} of {text_limits(case.dispute.gateway).of(name):,} characters"
