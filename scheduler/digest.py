"""The daily digest: due by a column, once a merchant and local day, late or missed days said."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import date, datetime, time, timedelta
from zoneinfo import ZoneInfo

from sqlmodel import Session

from disputes import links, store, store_audit, store_digest, store_mail, store_sources
from disputes.clock import local_day, utc
from disputes.ids import new_id
from disputes.lifecycle import Shown
from disputes.models import Attempt, Connection, Digest, Dispute, Merchant, Round, SourceConnection
from disputes.store_digest import Stake
from disputes.titles import gateway_title
from scheduler.engine import workflow
from scheduler.mail_words import claim, left_words, outcome, sentence, to_do
from scheduler.runtime import Runtime, current
from scheduler.sheet import Line, Part, Row, Sheet, lines, post
from templates.language import day_words, instant_words, money_words, say, say_many, speaking

__all__ = ["build_digest", "left_words", "sheet_of"]

LATE = timedelta(hours=1)
LISTED = 40
"""Cases named in one part of a digest; how many more there are is said."""
GOING = 8
"""Of the cases that need nobody: the most urgent, for the eye."""
SILENT = timedelta(hours=6)
SOON = timedelta(hours=72)


def instant_of(day: date, hour: int, zone: str) -> datetime:
    """The merchant's local hour on that day. An hour that DST skips or doubles gives one instant."""
    return utc(datetime.combine(day, time(hour), ZoneInfo(zone)))


def next_after(merchant: Merchant, day: date) -> datetime:
    return instant_of(day + timedelta(days=1), merchant.digest_hour, merchant.zone)


def plan_first(merchant: Merchant, now: datetime) -> datetime:
    """The next digest hour from now on."""
    today = local_day(now, merchant.zone)
    at = instant_of(today, merchant.digest_hour, merchant.zone)
    return at if at > now else next_after(merchant, today)


@workflow("digest")
def build_digest(merchant_id: str, day: str) -> str:
    """Build the digest of a local day into the outbox: "built" or "built before"."""
    return run(current(), merchant_id, date.fromisoformat(day))


def run(runtime: Runtime, merchant_id: str, day: date) -> str:
    now = runtime.clock.now()
    with runtime.database.writing() as session:
        merchant = session.get_one(Merchant, merchant_id)
        last = store_digest.last_digest(session, merchant_id)
        if last is not None and last.day >= day:
            return "built before"
        digest = _digest(session, merchant, day, now, last)
        session.add(digest)
        merchant.next_digest_at = next_after(merchant, day)
        session.add(merchant)
        post(
            session,
            sheet_of(runtime, session, merchant, digest, since=last.built_at if last else now - timedelta(days=1)),
            merchant_id=merchant_id,
            recipients=merchant.digest_recipients,
            kind="digest",
            dedupe=f"digest:{merchant_id}:{day.isoformat()}",
            now=now,
        )
    return "built"


def _digest(session: Session, merchant: Merchant, day: date, now: datetime, last: Digest | None) -> Digest:
    due_at = instant_of(day, merchant.digest_hour, merchant.zone)
    return Digest(
        id=new_id("dig"),
        merchant_id=merchant.id,
        day=day,
        due_at=due_at,
        built_at=now,
        late=now - due_at > LATE,
        missed_days=[d.isoformat() for d in store_digest.missed_between(last.day if last else None, day)],
        audit_head=store_audit.head_of(session, merchant.id),
    )


def preview(runtime: Runtime, session: Session, merchant: Merchant) -> Sheet:
    """What a digest of this moment would say. Nothing is kept of it."""
    now = runtime.clock.now()
    last = store_digest.last_digest(session, merchant.id)
    made = _digest(session, merchant, local_day(now, merchant.zone), now, None)
    made.late = False
    since = max(last.built_at, now - timedelta(days=7)) if last else now - timedelta(days=1)
    return sheet_of(runtime, session, merchant, made, since=since)


# ---- what stands in it ---------------------------------------------------------------------------------------------


def sheet_of(runtime: Runtime, session: Session, merchant: Merchant, digest: Digest, *, since: datetime) -> Sheet:
    """In the merchant's language: what needs a person first, then money, what came of it, what is in trouble."""
    with speaking(merchant.language):
        return _Built(runtime, session, merchant, since).sheet(digest)


class _Built:
    def __init__(self, runtime: Runtime, session: Session, merchant: Merchant, since: datetime) -> None:
        self._session, self._merchant, self._since = session, merchant, since
        self._now, self._url = runtime.clock.now(), runtime.public_url

    def sheet(self, digest: Digest) -> Sheet:
        merchant = self._merchant
        waiting = store_digest.needing(self._session, merchant.id, LISTED + 1)
        headline = self._headline(waiting)
        return Sheet(
            subject=f"{merchant.name}: {headline}",
            title=f"{merchant.name}, {day_words(digest.day)}",
            intro=(headline, self._written(digest)),
            warnings=tuple(self._warnings(digest)),
            parts=tuple(self._parts(waiting)),
            link=self._url + links.queue(merchant.slug),
            label=say("Open the queue"),
            settings_link=self._url + links.settings(merchant.slug) + "#mails",
            record=digest.audit_head,
        )

    def _headline(self, waiting: Sequence[Dispute]) -> str:
        counts = store_digest.counts(self._session, self._merchant.id)
        soon = store_digest.due_before(self._session, self._merchant.id, self._now + SOON)
        parts = []
        if unclear := counts.get(Shown.UNCLEAR, 0):
            parts.append(say("%(n)s unclear, look there") % {"n": unclear})
        if soon:
            parts.append(say_many("%(n)s due within 3 days", "%(n)s due within 3 days", soon) % {"n": soon})
        else:
            parts.append(say("nothing due within 3 days"))
        if asks := counts.get(Shown.AWAITING_APPROVAL, 0):
            parts.append(say("%(n)s to approve") % {"n": asks})
        if lacks := counts.get(Shown.NEEDS_EVIDENCE, 0):
            parts.append(say("%(n)s without enough evidence") % {"n": lacks})
        return ", ".join(parts)

    def _written(self, digest: Digest) -> str:
        when = instant_words(self._now, self._merchant.zone)
        return (say("Written %(when)s, late") if digest.late else say("Written %(when)s")) % {"when": when}

    def _warnings(self, digest: Digest) -> Iterable[str]:
        if digest.missed_days:
            days = ", ".join(day_words(date.fromisoformat(day)) for day in digest.missed_days)
            yield say("No digest went out on %(days)s.") % {"days": days}
        if self._merchant.filing_paused:
            yield say("Filing is stopped for this shop: nothing is filed, by machine or person.")

    def _parts(self, waiting: Sequence[Dispute]) -> Iterable[Part]:
        queue = self._url + links.queue(self._merchant.slug)
        more = {"link": queue, "label": say("… and more in the queue")} if len(waiting) > LISTED else {}
        yield Part(
            say("Needs you, the most urgent first"),
            tuple(self._open(dispute) for dispute in waiting[:LISTED]),
            nothing=say("Nothing waits for a person."),
            **more,
        )
        stakes = store_digest.at_stake(self._session, self._merchant.id)
        yield Part(
            say("Money at stake"), tuple(_stake(stake) for stake in stakes), nothing=say("There are no open cases.")
        )
        others = store_digest.going_on(self._session, self._merchant.id, GOING + 1)
        if others:
            yield Part(
                say("Under way by itself"),
                tuple(self._open(dispute) for dispute in others[:GOING]),
                link=queue + "?view=open" if len(others) > GOING else "",
                label=say("… and more in the queue") if len(others) > GOING else "",
            )
        filed = store_digest.filed_since(self._session, self._merchant.id, self._since, LISTED)
        yield Part(
            say("Filed since the last digest"),
            tuple(self._filed(attempt, dispute) for attempt, dispute in filed),
            nothing=say("None."),
        )
        decided = store_digest.decided_since(self._session, self._merchant.id, self._since, LISTED)
        yield Part(
            say("Decided since the last digest"),
            tuple(self._decided(closed, dispute) for closed, dispute in decided),
            nothing=say("None."),
        )
        yield from self._trouble()

    def _trouble(self) -> Iterable[Part]:
        merchant = self._merchant
        silent = store_digest.silent_connections(self._session, merchant.id, self._now - SILENT)
        if silent:
            yield Part(
                say("Accounts not read for six hours"),
                tuple(self._silent(connection) for connection in silent),
                link=self._url + links.connections(merchant.slug),
                label=say("Connections"),
            )
        failing = store_sources.failing(self._session, merchant.id)
        if failing:
            yield Part(
                say("Sources that do not answer"),
                tuple(_failing(source) for source in failing),
                link=self._url + links.sources(merchant.slug),
                label=say("Sources"),
            )
        if lost := store_mail.failed_count(self._session, merchant.id):
            words = say_many(
                "%(n)s earlier mail could not be delivered.", "%(n)s earlier mails could not be delivered.", lost
            )
            yield Part(say("Mail"), (Row(words % {"n": lost}),))

    # ---- one row -------------------------------------------------------------------------------------------------

    def _row(self, dispute: Dispute, *told_of: Line) -> Row:
        title = f"{dispute.order_ref or dispute.external_id} · {money_words(dispute.amount)}"
        sandbox = () if dispute.live else lines(say("sandbox: no real money"))
        return Row(title, (*told_of, *sandbox), self._url + links.case(self._merchant.slug, dispute.id))

    def _open(self, dispute: Dispute) -> Row:
        act = store.window_of(dispute, self._now, self._merchant.cut_off_hours)
        what = f"{claim(dispute.category)}: {to_do(store.shown(dispute, self._now))}"
        if dispute.due_at is None:
            return self._row(dispute, Line(what), Line(say("no deadline known")))
        due = say("due %(when)s") % {"when": instant_words(dispute.due_at, self._merchant.zone)}
        left = left_words(act, self._now)
        if left:
            due = say("%(due)s, %(left)s left") % {"due": due, "left": left}
        return self._row(dispute, Line(due, urgent=dispute.due_at - self._now <= SOON), Line(what))

    def _filed(self, attempt: Attempt, dispute: Dispute) -> Row:
        said = sentence(attempt.result) if attempt.result else ""
        return self._row(dispute, Line(claim(dispute.category)), *lines(said))

    def _decided(self, closed: Round, dispute: Dispute) -> Row:
        return self._row(dispute, Line(f"{claim(dispute.category)}: {outcome(closed.outcome or '')}"))

    def _silent(self, connection: Connection) -> Row:
        if connection.last_read_at:
            when = instant_words(connection.last_read_at, self._merchant.zone)
            last = say("last read %(when)s") % {"when": when}
        else:
            last = say("never read")
        name = f"{gateway_title(connection.gateway)} {connection.account_name or connection.account_id}"
        return Row(name, (Line(last, urgent=True), *lines(connection.state_detail)))


def _stake(stake: Stake) -> Row:
    where = say("sandbox: no real money") if not stake.live else ""
    cases = say_many("in %(n)s open case", "in %(n)s open cases", stake.cases) % {"n": stake.cases}
    return Row(money_words(stake.amount), lines(cases, where))


def _failing(source: SourceConnection) -> Row:
    why = source.state_detail or source.state.replace("_", " ")
    return Row(source.account_name or source.system, (Line(why, urgent=True),))
