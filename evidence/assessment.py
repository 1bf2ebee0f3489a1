"""The judgement of one case: fight, collect more, accept, or nothing to contest, with reasons in plain words."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from pydantic import AwareDatetime

from disputes.acts import GatewayAct
from disputes.clock import plainly
from disputes.facts import CaseFile, Fact, ProductType
from disputes.knowledge import SubCondition
from disputes.lifecycle import Kind
from disputes.phrases import Phrase, joined, phrase
from evidence.claim import Claim
from evidence.compelling import CompellingEvidence, compelling_evidence
from evidence.contradictions import Contradiction, contradictions
from evidence.credits import Credits, credits_of
from evidence.customer import CustomerRight, customer_rights
from evidence.gain import Gain
from evidence.items import ItemState, items_of
from evidence.language import language_of
from evidence.playbook import CheckItem, Completeness, Tie, completeness
from evidence.records import Ref
from evidence.sale import Sale, product_type_of
from evidence.score import Score, score_of
from evidence.value import Effort, ExpectedValue, expected_value


class Verdict(StrEnum):
    FIGHT = "fight"
    NEEDS_EVIDENCE = "needs_evidence"
    ACCEPT = "accept"
    CANNOT_BE_CONTESTED = "cannot_be_contested"


class AssessmentSettings(Fact):
    """What the merchant set for the desk."""

    zone: str = "UTC"
    """IANA zone in which the letter names days."""
    effort: Effort = Effort()


class ForeignPassage(Fact):
    """A passage the bank cannot read; it is cited once a person enters a translation."""

    message_id: str | None = None
    policy: str | None = None
    """Title of a policy; enter its English text in its place."""
    at: AwareDatetime | None = None
    words: str
    sure: bool
    """False: the language could not be told, a person should look."""


class Assessment(Fact):
    assessed_at: AwareDatetime
    zone: str
    verdict: Verdict
    ready: bool
    """It can be filed as it stands: all that the reason requires is there, in time, and no money moves meanwhile.
    Whether a person must look first is `person_required`."""
    reasons: tuple[Phrase, ...]
    person_required: tuple[Phrase, ...]
    """Why the machine may not go on alone; empty when it may."""
    customer_right: tuple[CustomerRight, ...] = ()
    """What the customer may be right about; shown first."""
    category: str
    reason_name: str
    issuer_looks_for: tuple[str, ...]
    common_loss_reasons: tuple[str, ...]
    accept_when: tuple[str, ...]
    product_type: ProductType
    product_type_from: Phrase
    sub_condition_needed: bool
    sub_conditions: tuple[SubCondition, ...]
    items: dict[str, ItemState]
    checklist: tuple[CheckItem, ...]
    missing: tuple[CheckItem, ...]
    ties: tuple[Tie, ...]
    credits: Credits
    contradictions: tuple[Contradiction, ...]
    needs_translation: tuple[ForeignPassage, ...]
    score: Score
    expected_value: ExpectedValue
    compelling: CompellingEvidence | None = None
    """Visa Compelling Evidence 3.0; None where the network has no such thing for this reason."""
    gains: tuple[Gain, ...] = ()
    """What each item that is not there would change; filled by `evidence.what_if`."""

    @property
    def blocking(self) -> tuple[Contradiction, ...]:
        return tuple(each for each in self.contradictions if each.severity == "blocks")


@dataclass(frozen=True, slots=True)
class _Findings:
    """All that the verdict is made of."""

    sale: Sale
    credits: Credits
    complete: Completeness
    right: tuple[CustomerRight, ...]
    contradictions: tuple[Contradiction, ...]
    compelling: CompellingEvidence | None
    worth: ExpectedValue
    expired: bool

    @property
    def accept(self) -> bool:
        return any(each.accept for each in self.right)


def assess(claim: Claim, case: CaseFile, now: datetime, *, settings: AssessmentSettings | None = None) -> Assessment:
    """Judge the case on the records alone. Pure: the same inputs give the same judgement."""
    chosen = settings or AssessmentSettings()
    sale = Sale(claim, case, now)
    reason, items = sale.reason, items_of(sale)
    found = _findings(sale, items, chosen, now)
    complete = found.complete
    verdict = _verdict(found)
    kind, kind_from = product_type_of(claim, case)
    scored = score_of(complete, found.contradictions)
    return Assessment(
        assessed_at=now,
        zone=chosen.zone,
        verdict=verdict,
        ready=_ready(found, verdict),
        reasons=_reasons(found, verdict),
        person_required=_person_required(found, verdict),
        customer_right=found.right,
        category=reason.category,
        reason_name=reason.name,
        issuer_looks_for=reason.issuer_looks_for,
        common_loss_reasons=reason.common_loss_reasons,
        accept_when=reason.accept_when,
        product_type=kind,
        product_type_from=kind_from,
        sub_condition_needed=reason.lossy,
        sub_conditions=reason.sub_conditions,
        items=items,
        checklist=complete.checklist,
        missing=complete.missing,
        ties=complete.ties,
        credits=found.credits,
        contradictions=found.contradictions,
        needs_translation=_foreign(sale),
        score=Score(points=0, factors=()) if verdict is Verdict.CANNOT_BE_CONTESTED else scored,
        expected_value=found.worth,
        compelling=found.compelling,
    )


def _findings(sale: Sale, items: dict[str, ItemState], settings: AssessmentSettings, now: datetime) -> _Findings:
    claim = sale.claim
    credits = credits_of(sale)
    complete = completeness(sale, items, credits)
    compelling = compelling_evidence(sale)
    worth = expected_value(
        claim,
        claim.amount if credits.covers == "all" else credits.contested,
        settings.effort,
        fraud=complete.tie_needed,
        tied=bool(complete.ties),
        ready=complete.ready,
        compelling=compelling is not None and compelling.sent,
    )
    return _Findings(
        sale=sale,
        credits=credits,
        complete=complete,
        right=customer_rights(sale, credits),
        contradictions=contradictions(sale),
        compelling=compelling,
        worth=worth,
        expired=claim.due_at is not None and now > claim.due_at,
    )


def _verdict(found: _Findings) -> Verdict:
    sale, claim = found.sale, found.sale.claim
    if claim.kind is Kind.ALERT or not sale.reason.challengeable or not claim.capabilities.submit:
        return Verdict.CANNOT_BE_CONTESTED
    if found.complete.decided_by:
        return Verdict.FIGHT
    if found.accept:
        return Verdict.ACCEPT
    if sale.reason.lossy:
        return Verdict.NEEDS_EVIDENCE  # what must be proved depends on the choice
    return Verdict.FIGHT if found.complete.ready else Verdict.NEEDS_EVIDENCE


def _ready(found: _Findings, verdict: Verdict) -> bool:
    """Complete for the claim that is really made, still in time, and no second payment to the customer under way."""
    moving = found.credits.double_loss or bool(found.credits.uncertain)
    return verdict is Verdict.FIGHT and not found.expired and not moving


def _reasons(found: _Findings, verdict: Verdict) -> tuple[Phrase, ...]:
    """What the customer may be right about comes first."""
    sale, complete, credits = found.sale, found.complete, found.credits
    if verdict is Verdict.CANNOT_BE_CONTESTED:
        return (_why_not(sale),)
    said = [each.words for each in found.right]
    if credits.covers == "all":
        said.append(
            phrase(
                "You had already refunded this payment before the dispute. That is the answer, with date and refund id."
            )
        )
    elif credits.covers == "part":
        said.append(
            phrase(
                "You had refunded {refunded} before the dispute. Only {contested} is contested.",
                refunded=credits.refunded_before,
                contested=credits.contested,
            )
        )
    if verdict is Verdict.ACCEPT:
        return tuple(said)
    if found.expired and sale.claim.due_at:
        said.append(phrase("The time to answer ended on {at}.", at=plainly(sale.claim.due_at, "UTC")))
    said += complete.obstacles
    said += [
        phrase("Missing: {item}. {why}", item=phrase(line.label), why=line.why)
        for line in complete.missing
        if line.weight == "required"
    ]
    options = [phrase(line.label) for line in complete.missing if line.weight == "one_of"]
    if options:
        said.append(phrase("One of these is needed: {items}.", items=joined(options, "; ")))
    said += _about_the_tie(complete)
    said += _about_compelling(found.compelling)
    if sale.reason.lossy and not complete.decided_by:
        names = joined((phrase(each.label) for each in sale.reason.sub_conditions), "; ")
        said.append(
            phrase(
                "The code {code} stands for several claims. Choose the one that is meant: {claims}.",
                code=sale.reason.code,
                claims=names,
            )
        )
    if verdict is Verdict.FIGHT and not said:
        said.append(phrase("Everything this reason asks for is there."))
    if sale.claim.kind is Kind.INQUIRY:
        said.append(phrase("This is an inquiry, not yet a chargeback. A full answer may end it."))
    if found.worth.worth_it is False:
        said.append(found.worth.words)
    return tuple(said)


def _about_the_tie(complete: Completeness) -> list[Phrase]:
    if not complete.tie_needed:
        return []
    if complete.ties:
        ties = joined((each.words for each in complete.ties), "; ")
        return [phrase("The cardholder is tied to the order: {ties}.", ties=ties)]
    if complete.decided_by:
        return []
    return [
        phrase(
            "Nothing ties the cardholder to this order: no 3-D Secure, no earlier undisputed order, no parcel to an "
            "address the bank confirmed, no use from the purchase device, no words of the customer about having it. "
            "Delivery to somebody is not enough."
        )
    ]


def _about_compelling(compelling: CompellingEvidence | None) -> list[Phrase]:
    if compelling is None or compelling.status == "not_qualified":
        return []
    return [joined((compelling.words, *(each.words for each in compelling.lacking)))]


def _why_not(sale: Sale) -> Phrase:
    if sale.claim.kind is Kind.ALERT:
        return phrase(
            "This is an early fraud warning, nothing is filed for it. If you do not recognise the order as genuine, "
            "refund it before it becomes a dispute: that pays when the amount is not above the dispute fee."
        )
    if not sale.reason.challengeable:
        why = phrase(
            "Disputes with this reason ({reason}) take no evidence; there is nothing to file.",
            reason=phrase(sale.reason.name),
        )
        return joined((why, phrase(sale.reason.notes))) if sale.reason.notes else why
    told = sale.claim.capabilities.reason
    return told or phrase("{gateway} takes no answer for this dispute now.", gateway=sale.claim.gateway_title)


def _person_required(found: _Findings, verdict: Verdict) -> tuple[Phrase, ...]:
    if verdict is Verdict.CANNOT_BE_CONTESTED:
        return ()
    said = []
    sale, credits = found.sale, found.credits
    reason, claim = sale.reason, sale.claim
    if verdict is Verdict.ACCEPT:
        said.append(phrase("Accepting cannot be taken back. A person decides."))
    said += [
        phrase("The customer may be right: {title}.", title=phrase(each.title)) for each in found.right if each.holds
    ]
    if claim.kind is Kind.COMPLIANCE or reason.category == "compliance":
        said.append(
            phrase("A compliance case: answering may cost a network fee, and somebody has to read the rule it names.")
        )
    elif reason.person_decides:
        said.append(
            phrase(
                "No fixed list of proof exists for this reason ({reason}). Read the case and decide.",
                reason=phrase(reason.name),
            )
        )
    if claim.kind is Kind.INQUIRY and any(each.act == GatewayAct.OFFER for each in claim.capabilities.offers):
        said.append(
            phrase(
                "Here you can still settle with the customer: write, or offer a part. An answer instead of that is a "
                "person's decision."
            )
        )
    if claim.kind in (Kind.PRE_ARBITRATION, Kind.ARBITRATION):
        said.append(phrase("The case is past its first round; going on can cost fees."))
    if reason.lossy:
        said.append(
            phrase("This code stands for several claims. Choose which one is meant; the evidence depends on it.")
        )
    unread = [each.title for each in found.contradictions if _unread(claim, each)]
    said += [phrase("Read this contradiction: {title}.", title=each) for each in unread]
    if credits.double_loss:
        said.append(
            phrase(
                "Double loss: a refund was made or is pending after the dispute was opened. You may pay twice; ask "
                "your gateway to stop the refund, or tell the bank about it."
            )
        )
    if credits.uncertain:
        said.append(
            phrase("A refund is not finished, or in another currency. Wait for it or check it before you answer.")
        )
    if found.expired:
        said.append(phrase("The time to answer is over. A person may try while the gateway still takes an answer."))
    if found.worth.too_dear:
        said.append(joined((found.worth.too_dear, phrase("A person decides whether it is worth it."))))
    return tuple(said)


def _unread(claim: Claim, found: Contradiction) -> bool:
    return found.severity == "blocks" and found.id not in claim.contradictions_read


def _foreign(sale: Sale) -> tuple[ForeignPassage, ...]:
    mails = [
        ForeignPassage(
            message_id=each.message_id,
            at=each.at,
            words=each.body,
            sure=language_of(each.body, each.language) == "foreign",
        )
        for each in sale.untranslated
    ]
    policies = [
        ForeignPassage(policy=each.title, words=each.text, sure=language_of(each.text) == "foreign")
        for each in sale.case.policies
        if not sale.readable_policy(each)
    ]
    return (*mails, *policies)


__all__ = ["Assessment", "AssessmentSettings", "ForeignPassage", "Ref", "Verdict", "assess"]
