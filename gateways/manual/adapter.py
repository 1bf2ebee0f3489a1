"""A gateway that is a person: nothing is read over a network, and nothing is ever sent by the desk."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from datetime import datetime
from typing import Any

from pydantic import ValidationError

from disputes.entered import NO_API, Entered, snapshot
from disputes.facts import Payment
from disputes.phrases import phrase
from disputes.ports import (
    AccountFacts,
    Approved,
    Changes,
    DisputeSnapshot,
    GatewayError,
    GatewayFailure,
    Gathered,
    Page,
    Plan,
    ReadBack,
    Stopped,
    VerifiedEvent,
    WebhookRefused,
)
from gateways.manual import mapping

Lookup = Callable[[str], Mapping[str, Any] | None]
"""Case number -> what was entered, or None."""


class ManualGateway:
    """`title`: the processor as the merchant calls it ("iyzico"); `lookup` reads what a person entered."""

    name = "manual"

    def __init__(self, title: str, lookup: Lookup, *, live: bool = True) -> None:
        self.title = title
        self._live = live
        self._lookup = lookup

    def account(self) -> AccountFacts:
        return AccountFacts(account_id=self.title, name=self.title, live=self._live, currency=None, may_file=False)

    def disputes(self, *, cursor: str | None = None, since: datetime | None = None) -> Page:
        """Cases come by form or table, never from a list."""
        return Page((), None)

    def changes(self, cursor: str | None) -> Changes:
        return Changes((), cursor or "")

    def dispute(self, external_id: str) -> DisputeSnapshot:
        return snapshot(self._entered(external_id), live=self._live)

    def payment(self, snapshot: DisputeSnapshot) -> tuple[Payment, bytes]:
        entered = self._entered(snapshot.external_id)
        told = {name: value for name, value in entered.model_dump(mode="json").items() if value not in (None, "", [])}
        return mapping.payment(entered), json.dumps(told, sort_keys=True, ensure_ascii=False).encode()

    def records(self, snapshot: DisputeSnapshot) -> tuple[Gathered, ...]:
        return ()

    def verify_webhook(self, body: bytes, headers: Mapping[str, str], *, secret: str, url: str) -> VerifiedEvent:
        raise WebhookRefused(phrase("Cases of this processor are entered by hand; it sends no webhooks."))

    def plan(self, approved: Approved) -> Plan:
        raise Stopped(NO_API)
        yield  # a plan is a generator; this one has no writes

    def read_back(self, external_id: str) -> ReadBack:
        found = self.dispute(external_id)
        return ReadBack(found.status, found.raw_status, found.submission_count, {}, {})

    def _entered(self, external_id: str) -> Entered:
        stored = self._lookup(external_id)
        if stored is None:
            raise GatewayError(
                GatewayFailure.NOT_FOUND,
                phrase("No case {number} was entered for {processor}.", number=external_id, processor=self.title),
            )
        try:
            return Entered.model_validate(stored)
        except ValidationError as error:
            words = phrase(
                "What was entered for case {number} can no longer be read; enter it again.", number=external_id
            )
            raise GatewayError(GatewayFailure.MALFORMED, words) from error
