"""What is known of a case in label and words, and what its bank claims."""

from __future__ import annotations

from dataclasses import dataclass

from disputes.knowledge import evidence_items, plain_claim
from disputes.lifecycle import Kind
from disputes.models import EvidenceItem
from evidence.gain import Gain
from evidence.playbook import CheckItem
from templates.language import instant_words, money_words, say, told
from web import words
from web.case_view import Case

_FIRST_LETTERS = 10
"""Of a hash, as files carry it in their names."""


@dataclass(frozen=True, slots=True)
class Claimed:
    """What the bank says, in plain words, with its own code beside."""

    words: str
    code: str
    """Network and code; empty where there is no code."""
    name: str
    """The network's own name for it."""
    sources: tuple[str, ...]
    checked: str


def claimed(case: Case) -> Claimed:
    dispute, reason = case.dispute, case.claim.reason
    found = plain_claim(reason, gateway=dispute.gateway, raw_reason=dispute.raw_reason)
    network = words.network(dispute.network) if dispute.network and dispute.network != dispute.gateway else ""
    code = " ".join(part for part in (network, dispute.reason_code) if part)
    said = say(found.words)
    if dispute.dispute_kind is Kind.ALERT and not dispute.reason_code:
        said = say("The card network warns that this payment may be fraud.")
    return Claimed(said, code, say(reason.name), found.sources, found.checked)


def facts(case: Case) -> list[tuple[str, str]]:
    """Label and words, only where something is known."""
    dispute, payment, zone = case.dispute, case.file.payment, case.visit.merchant.zone
    card = ""
    if payment and payment.card_last4:
        card = say("%(brand)s ending %(digits)s") % {
            "brand": words.network(payment.card_brand), "digits": payment.card_last4,
        }  # fmt: skip
    there = say("%(gateway)s %(id)s, status %(status)s") % {
        "gateway": case.gateway_title, "id": dispute.external_id, "status": dispute.raw_status,
    }  # fmt: skip
    rows = [
        (say("Amount disputed"), money_words(dispute.amount)),
        (say("Charged"), money_words(payment.amount) if payment and payment.amount != dispute.amount else ""),
        (say("Kind"), words.plain(dispute.kind)),
        (say("Order"), dispute.order_ref or ""),
        (say("Customer"), ", ".join(part for part in (dispute.customer_name, dispute.customer_email) if part)),
        (say("Card"), card),
        (say("Payment"), dispute.payment_id or ""),
        (say("Opened"), instant_words(dispute.opened_at, zone)),
        (say("At the gateway"), there),
        (say("It said"), str(dispute.raw.get("outcome_reason") or "") if case.manual else ""),
    ]
    return [(label, text) for label, text in rows if text]


# ---- the checklist -------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Held:
    """A stored item that a line of the checklist rests on."""

    id: str
    name: str
    source: str
    sha256: str

    @property
    def hash(self) -> str:
        return self.sha256[:_FIRST_LETTERS]


@dataclass(frozen=True, slots=True)
class Line:
    """One line of the checklist: what it is, whether it is there, on what it rests, and what it would change."""

    item: str
    label: str
    weight: str
    state: str
    why: str
    held: tuple[Held, ...]
    gain: Gain | None
    note: str
    """Why a person goes without it, in their words."""


@dataclass(frozen=True, slots=True)
class Group:
    """Lines of one weight, those that are there last."""

    title: str
    lines: tuple[Line, ...]
    folded: tuple[Line, ...]
    """Not there and not needed, and by themselves they change nothing."""
    there: int
    needed: bool

    @property
    def total(self) -> int:
        return len(self.lines) + len(self.folded)


_ORDER = ("required", "one_of", "strong", "helpful", "decisive")
_NEEDED = ("required", "one_of")


def checklist(case: Case) -> list[Group]:
    if case.assessment is None:
        return []
    gains = {each.item: each for each in case.assessment.gains}
    notes = {mark.item: mark.note for mark in case.marks}
    items = {each.id: each for each in case.items}
    lines = [_line(each, items, gains, notes) for each in case.assessment.checklist]
    groups = []
    for weight in dict.fromkeys((*_ORDER, *(each.weight for each in lines))):
        own = [each for each in lines if each.weight == weight]
        own.sort(key=lambda line: (line.state == "present", -(line.gain.points if line.gain else 0)))
        if own:
            needed = weight in _NEEDED
            idle = [each for each in own if not needed and each.state == "missing" and not _tells(each)]
            shown = tuple(each for each in own if each not in idle)
            there = sum(each.state == "present" for each in own)
            groups.append(Group(say(words.WEIGHT.get(weight, weight)), shown, tuple(idle), there, needed))
    return groups


def _tells(line: Line) -> bool:
    return line.gain is None or bool(line.gain.points) or line.gain.turns


def _line(each: CheckItem, items: dict[str, EvidenceItem], gains: dict[str, Gain], notes: dict[str, str]) -> Line:
    ids = dict.fromkeys(record.item_id for record in each.records if record.item_id in items)
    held = tuple(_held(items[item_id]) for item_id in ids if item_id)
    return Line(
        each.item, say(each.label), each.weight, each.state, told(each.why), held, gains.get(each.item),
        notes.get(each.item, ""),
    )  # fmt: skip


def _held(item: EvidenceItem) -> Held:
    kind = say(words.FACT[item.fact_type]) if item.fact_type in words.FACT else words.plain(item.fact_type)
    return Held(item.id, item.name or kind, told(item.source_title), item.sha256)


def best_missing(case: Case) -> Line | None:
    """What helps most among what is missing: first what makes the case ready, then by points."""
    wanted = [line for group in checklist(case) for line in group.lines if line.state == "missing" and line.gain]
    # What settles a case alone is seldom to be had: a bank that withdraws, a refund that was never made.
    wanted = [line for line in wanted if line.weight in _NEEDED] or [
        line for line in wanted if line.weight != "decisive" and line.gain and line.gain.points
    ]

    def worth(line: Line) -> tuple[bool, bool, int]:
        assert line.gain is not None
        return line.gain.ready, line.gain.turns, line.gain.points

    return max(wanted, key=worth, default=None)


def labels() -> dict[str, str]:
    """Every kind of evidence by its name, in the language spoken."""
    return {name: say(info.label) for name, info in evidence_items().items()}
