"""PayPal through the hardened transport of its own SDK. Reads are repeated where that helps, writes never."""

from __future__ import annotations

import json
import logging
from collections.abc import Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta
from typing import Any
from urllib.parse import urlsplit

from disputes.clock import Clock, SystemClock
from disputes.database import refuse_inside_writer
from disputes.facts import Payment
from disputes.phrases import Phrase, phrase, said_by
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
    VerifiedEvent,
)
from gateways.paypal import acts, listing, mapping, payments, webhooks
from gateways.paypal.certificates import Certificates
from gateways.paypal.contract import DISPUTES, LIVE, LIVE_HOSTS, SANDBOX_HOSTS, part, rows
from gateways.paypal.errors import told
from gateways.paypal.rights import BALANCES, SEARCH, excess_rights, found_rights, may_file, missing_rights
from gateways.paypal.transport import FilePart, PayPalApi, shared
from gateways.paypal.values import instant, rfc3339

log = logging.getLogger("counterproof.paypal")

_OVERLAP = timedelta(minutes=5)
_AT_ONCE = 4
"""Details read side by side: lists are short on facts, and a page has fifty."""
_LOOPBACK = frozenset({"127.0.0.1", "localhost", "::1"})
_GONE = GatewayFailure.NOT_FOUND
_OF_ONE = frozenset({GatewayFailure.MALFORMED, GatewayFailure.REJECTED})
"""Failures of one dispute; the others on its page are taken in all the same."""

Raw = Mapping[str, Any]


class PayPalGateway:
    """One PayPal account behind one application.

    `addresses`: "api" replaces the live address; "webhook_root" (PEM) is trusted beside the public roots for webhooks,
    and never on a live connection.
    """

    name = "paypal"
    title = "PayPal"

    def __init__(
        self,
        client_id: str,
        secret: str,
        *,
        addresses: Mapping[str, str] | None = None,
        timeout: float = 30.0,
        clock: Clock | None = None,
    ) -> None:
        base = (addresses or {}).get("api", LIVE).rstrip("/")
        root = (addresses or {}).get("webhook_root") or None
        target = urlsplit(base)
        self._host = target.netloc
        self._live = target.hostname in LIVE_HOSTS
        if target.scheme != "https" and target.hostname not in _LOOPBACK:
            raise GatewayError(GatewayFailure.REJECTED, phrase("PayPal's address must begin with https://."))
        if self._live and root:
            words = phrase("A live PayPal connection trusts no certificate root but the public ones.")
            raise GatewayError(GatewayFailure.REJECTED, words)
        self._clock = clock or SystemClock()

        def transport() -> PayPalApi:
            return PayPalApi(client_id=client_id, secret=secret, base=base, live=self._live, timeout=timeout)

        # Adapters are made for every run; the token and the checked certificates are the process's.
        self._api = shared(transport, PayPalApi, client_id, secret, base, timeout)
        self._certificates = shared(
            lambda: Certificates(base=base, live=self._live, root=root, timeout=timeout),
            Certificates,
            base,
            root,
            timeout,
        )

    # ---- who am I ------------------------------------------------------------------------------------------------

    def account(self) -> AccountFacts:
        refuse_inside_writer("PayPal")
        with told(writing=False):
            scopes = self._api.scopes(fresh=True)
            missing = list(missing_rights(scopes)) if scopes is not None else []
            newest = self._newest(missing)
            account_id, name, currency = self._who(scopes or frozenset(), newest)
        return AccountFacts(
            account_id=account_id,
            name=name,
            live=self._live,
            currency=currency,
            rights_found=tuple(found_rights(scopes or frozenset(), reads=not missing)),
            rights_missing=tuple(missing),
            rights_too_many=tuple(excess_rights(scopes or frozenset())),
            may_file=scopes is None or may_file(scopes),
            clock_skew_seconds=self._api.clock_skew_seconds,
        )

    def _newest(self, missing: list[Phrase]) -> Raw:
        """One dispute in full, if there is one; and whether disputes may be read at all, whatever the token says."""
        try:
            lines = rows(part(self._read(DISPUTES, {"page_size": "1"})).get("items"))
            found = mapping.dispute_id(lines[0]) if lines else None
            return self._detail(found) if found else {}
        except GatewayError as error:
            if error.failure is GatewayFailure.RIGHTS and not missing:
                missing.append(phrase("Disputes: read. {why}", why=said_by(error)))
            if error.failure not in (GatewayFailure.RIGHTS, *_OF_ONE, _GONE):
                raise
            return {}

    def _who(self, scopes: frozenset[str], newest: Raw) -> tuple[str, str | None, str | None]:
        """The merchant's id (also called payer id), name and main currency, wherever PayPal shows them.

        The profile shows the id only to applications that may read it, so the balances and a dispute are asked too.
        """
        profile = part(self._perhaps("/v1/identity/oauth2/userinfo", {"schema": "paypalv1.1"}))
        balances = part(self._perhaps("/v1/reporting/balances", {})) if BALANCES in scopes else {}
        seller = part(mapping.disputed_transaction(newest).get("seller"))
        name = profile.get("business_name") or profile.get("name") or seller.get("name")
        main = [each.get("currency") for each in rows(balances.get("balances")) if each.get("primary") is True]
        known = (profile.get("payer_id"), balances.get("account_id"), seller.get("merchant_id"), profile.get("user_id"))
        account_id = next((each for each in known if isinstance(each, str) and each), None)
        if account_id is None:
            words = phrase(
                "PayPal does not tell this application whose account it is. Switch on Log in with PayPal (account id) "
                "or Transaction search among its features, and try again."
            )
            raise GatewayError(GatewayFailure.RIGHTS, words)
        short = account_id.rsplit("/", 1)[-1][:120]
        return short, str(name) if name else None, str(main[0]) if main and main[0] else None

    # ---- disputes ------------------------------------------------------------------------------------------------

    def disputes(self, *, cursor: str | None = None, since: datetime | None = None) -> Page:
        """Disputes changed since `since` (at most 180 days, PayPal's window), each read in full."""
        refuse_inside_writer("PayPal")
        now = self._clock.now()
        with told(writing=False):
            place = listing.Place.at(cursor) if cursor else listing.Place.start(since, now)
            lines, following = listing.page(self._read, place, now, trusted=self._is_paypal)
            return Page(tuple(self._snapshots(lines)), following.cursor() if following else None)

    def _snapshots(self, lines: Sequence[Raw]) -> list[DisputeSnapshot]:
        """The details of a page. One broken dispute is shown as unread; a failure of all of them is a failure."""
        with ThreadPoolExecutor(_AT_ONCE, thread_name_prefix="paypal") as pool:
            results = list(pool.map(self._one, lines))
        failed = [result for result in results if isinstance(result, GatewayError)]
        alone = [error for error in failed if error.failure in _OF_ONE or error.answered]
        if len(alone) < len(failed):
            raise next(error for error in failed if error not in alone)
        if len(failed) == len(results) > 1 and any(error.answered for error in failed):
            raise failed[0]
        found = []
        for line, result in zip(lines, results, strict=True):
            if isinstance(result, DisputeSnapshot):
                found.append(result)
            elif result is not None:
                found += self._unread(line, result)
        return found

    def _one(self, line: Raw) -> DisputeSnapshot | GatewayError | None:
        """None for a dispute that is listed and yet unknown."""
        try:
            return mapping.snapshot(self._detail(str(line["dispute_id"])), live=self._live)
        except GatewayError as error:
            return None if error.failure is _GONE else error

    def _unread(self, line: Raw, error: GatewayError) -> list[DisputeSnapshot]:
        try:
            return [mapping.unread(line, said_by(error), live=self._live)]
        except ValueError:
            log.warning("PayPal's list has a line about %s that nothing can be read from.", line.get("dispute_id"))
            return []

    def changes(self, cursor: str | None) -> Changes:
        """Disputes updated since the cursor (PayPal's newest update time, read with an overlap), each read in full."""
        refuse_inside_writer("PayPal")
        now = self._clock.now()
        since = instant(cursor)
        with told(writing=False):
            if since is None or now - since > listing.HISTORY - _OVERLAP:
                return Changes((), self._present(), expired=cursor is not None)
            changed: dict[str, Raw] = {}
            place: listing.Place | None = listing.Place.start(since - _OVERLAP, now)
            while place is not None:
                lines, place = listing.page(self._read, place, now, trusted=self._is_paypal)
                changed |= {str(line["dispute_id"]): line for line in lines}
            updated = {name: instant(line.get("update_time")) or since for name, line in changed.items()}
            oldest_first = [changed[name] for name in sorted(changed, key=lambda name: updated[name])]
            snapshots = self._snapshots(oldest_first)
        newest = max([since, *updated.values()])
        # What could not be read is asked for again at the next poll, not only when it changes once more.
        held = [updated[one.external_id] for one in snapshots if one.unread]
        return Changes((), _exactly(min([newest, *held])), snapshots=tuple(snapshots))

    def _present(self) -> str:
        """Where the reading of changes begins: PayPal's clock counts, not ours."""
        self._read(DISPUTES, {"page_size": "1"})
        return rfc3339(self._api.present())

    def dispute(self, external_id: str) -> DisputeSnapshot:
        refuse_inside_writer("PayPal")
        return mapping.snapshot(self._detail(external_id), live=self._live)

    def payment(self, snapshot: DisputeSnapshot) -> tuple[Payment, bytes]:
        """The capture with its order, refunds and the buyer's other payments; the raw answers beside the dispute's
        messages."""
        refuse_inside_writer("PayPal")
        if snapshot.payment_id is None:
            raise GatewayError(GatewayFailure.NOT_FOUND, phrase("PayPal names no payment of yours for this dispute."))
        with told(writing=False):
            scopes = self._api.scopes()
            found = payments.records(
                self._read,
                snapshot.raw,
                snapshot.payment_id,
                self._clock.now(),
                may_search=scopes is not None and SEARCH in scopes,
            )
            return payments.payment(found), json.dumps(found.as_json(), sort_keys=True).encode()

    def records(self, snapshot: DisputeSnapshot) -> tuple[Gathered, ...]:
        """What buyer, seller and PayPal wrote each other in the dispute."""
        return tuple(
            Gathered(
                data=json.dumps(message.model_dump(mode="json"), sort_keys=True, ensure_ascii=False).encode(),
                media_type="application/json",
                name=f"message-{number}.json",
                request=f"PayPal: messages of {snapshot.external_id}",
                fact=message,
                why=phrase("written in the dispute at PayPal"),
            )
            for number, message in enumerate(mapping.messages(snapshot.raw), start=1)
        )

    # ---- webhooks ------------------------------------------------------------------------------------------------

    def verify_webhook(self, body: bytes, headers: Mapping[str, str], *, secret: str, url: str) -> VerifiedEvent:
        """`secret` is the webhook's id at PayPal; the address it was sent to (`url`) is not part of the signature."""
        return webhooks.verify(
            body,
            headers,
            webhook_id=secret,
            certificates=self._certificates,
            ask=self._ask,
            now=self._clock.now(),
        )

    # ---- writes: one call each, never retried here ---------------------------------------------------------------

    def plan(self, approved: Approved) -> Plan:
        """One write, if PayPal offers the act now: evidence, appeal, message, offer and the others."""
        return acts.plan(approved, detail=self._detail, post=self._post)

    def read_back(self, external_id: str) -> ReadBack:
        """The seller's latest answer as it lies at PayPal now, and where the dispute stands."""
        refuse_inside_writer("PayPal")
        return mapping.read_back(self._detail(external_id))

    # ---- the wire ------------------------------------------------------------------------------------------------

    def _detail(self, external_id: str) -> Raw:
        if mapping.dispute_id({"dispute_id": external_id}) is None:
            raise GatewayError(GatewayFailure.NOT_FOUND, phrase("This is no id of a PayPal dispute."))
        raw = self._read(f"{DISPUTES}/{external_id}", {})
        if not isinstance(raw, Mapping):
            words = phrase("PayPal's answer was not what was asked for; it was left as it was.")
            raise GatewayError(GatewayFailure.MALFORMED, words, retryable=True)
        return raw

    def _read(self, path: str, query: Mapping[str, str]) -> Any:
        refuse_inside_writer("PayPal")
        with told(writing=False):
            return self._api.read(path, query)

    def _perhaps(self, path: str, query: Mapping[str, str]) -> Any:
        """What PayPal may refuse to show without anything being wrong."""
        try:
            return self._read(path, query)
        except GatewayError as error:
            if error.failure in (GatewayFailure.RIGHTS, GatewayFailure.NOT_FOUND, GatewayFailure.REJECTED):
                return {}
            raise

    def _post(
        self, external_id: str, path: str, key: str, body: Mapping[str, Any], files: Sequence[FilePart] | None
    ) -> None:
        refuse_inside_writer("PayPal")
        with told(writing=True):
            self._api.write(f"{DISPUTES}/{external_id}/{path}", key=key, body=body, files=files)

    def _ask(self, path: str, question: bytes) -> Mapping[str, Any]:
        refuse_inside_writer("PayPal")
        with told(writing=False):
            return self._api.ask(path, question)

    def _is_paypal(self, host: str) -> bool:
        """Whether a link leads to this connection's PayPal: its own address, or the older name of it."""
        hosts = LIVE_HOSTS if self._live else SANDBOX_HOSTS if self._host in SANDBOX_HOSTS else frozenset[str]()
        return host == self._host or host in hosts


def _exactly(at: datetime) -> str:
    """With its fractions: the next reading begins no earlier than it has to."""
    return at.astimezone(UTC).isoformat().replace("+00:00", "Z")
