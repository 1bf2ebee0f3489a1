"""The Response: exactly what a gateway will be sent. What is approved is what is filed (DESIGN rule 9)."""

from __future__ import annotations

import hashlib
import json

from disputes.acts import GatewayAct
from disputes.facts import Fact


class ResponseFile(Fact):
    """One file in one of the gateway's slots; the bytes lie in the file store under `sha256`."""

    slot: str
    name: str
    sha256: str
    size: int
    pages: int
    media_type: str = "application/pdf"


class Response(Fact):
    """`fields` are the gateway's own parameter names; only fields we own are in it."""

    gateway: str
    dispute_id: str
    """The gateway's id."""
    round: int
    fields: dict[str, str]
    files: tuple[ResponseFile, ...] = ()
    act: GatewayAct = GatewayAct.SUBMIT

    def canonical(self) -> bytes:
        """Same content, same bytes: sorted keys, no blanks, UTF-8."""
        document = self.model_dump(mode="json")
        if self.act is GatewayAct.SUBMIT:
            del document["act"]  # the hashes of answers approved before there were other acts stay theirs
        document["files"] = sorted(document["files"], key=lambda file: (file["slot"], file["name"]))
        return json.dumps(document, sort_keys=True, separators=(",", ":"), ensure_ascii=False).encode()

    @property
    def sha256(self) -> str:
        return hashlib.sha256(self.canonical()).hexdigest()
