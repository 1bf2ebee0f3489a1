"""A withdrawal in time, as the law of the customer's country allows it whatever the shop's policy says."""

from __future__ import annotations

import re
from datetime import datetime, timedelta

from disputes.facts import Message, OrderLine, Policy
from disputes.knowledge import WithdrawalException, WithdrawalLaw, withdrawal_law
from disputes.phrases import Phrase, joined, phrase
from evidence.credits import Credits
from evidence.customer.rule import GOODS, Found, Rule, content, quoted, taken_back
from evidence.matching import normalise
from evidence.own_words import refuses
from evidence.passages import Passage, passage, shortened, when
from evidence.sale import SLACK, Sale
from evidence.words import offers_return, says_withdraws

_PERIOD_FROM_ORDER = ("digital", "service", "subscription", "travel")
_BY_TYPE = {"perishable": "physical", "sealed_hygiene": "physical", "sealed_media": "physical", "press": "physical"}
"""A word such as "chilled" in the name of a service says nothing about goods."""


def _withdrawal(sale: Sale, credits: Credits) -> Found | None:
    law = _law(sale)
    if law is None or sale.started is None:
        return None
    until = _ends(sale, law)
    for message in sale.incoming:
        notice = quoted(message, says_withdraws)
        if notice and sale.started <= message.at <= until:
            passages = (notice, _time(sale, law), *_stricter(sale, law))
            return Found(passages, answer=_answer(sale, law, message), law=law.name, sources=law.sources)
    return None


def _law(sale: Sale) -> WithdrawalLaw | None:
    """By the country the goods went to, else the one the card is billed in."""
    for address in (sale.ordered_to, sale.billing):
        if address and address.country:
            return withdrawal_law(address.country)
    return None


def _begins(sale: Sale) -> datetime | None:
    """Delivery of the last parcel; the order itself where nothing is handed over. None: goods not delivered yet."""
    if sale.product_type in _PERIOD_FROM_ORDER:
        return sale.started
    return max((each.delivered_at for each in sale.delivered if each.delivered_at), default=None)


def _ends(sale: Sale, law: WithdrawalLaw) -> datetime:
    """End of the last day, wherever the customer's clock stands; without a delivery the period has not run out."""
    begun = _begins(sale)
    if begun is None:
        return sale.claim.opened_at
    midnight = begun.replace(hour=0, minute=0, second=0, microsecond=0)
    return midnight + timedelta(days=law.days + 1) + SLACK


def _time(sale: Sale, law: WithdrawalLaw) -> Passage:
    begun = _begins(sale)
    if begun is None:
        return passage(phrase("Goods not delivered when it was written"), sale.order)
    from_order = sale.product_type in _PERIOD_FROM_ORDER
    records = (sale.order,) if from_order else sale.delivered
    told = {"at": when(begun), "law": phrase(law.short), "days": law.days}
    words = phrase("Delivered {at}; {law} gives {days} days", **told)
    if from_order:
        words = phrase("Ordered {at}; {law} gives {days} days", **told)
    return passage(words, *records)


def _stricter(sale: Sale, law: WithdrawalLaw) -> tuple[Passage, ...]:
    """The shop's own rule, where it gives less: shown, and without effect."""
    for policy in sale.case.policies:
        sentence = _less(policy, law)
        if policy.kind in ("return", "refund", "cancellation") and sentence:
            return (
                passage(
                    phrase(
                        '{title} says "{words}", which the law overrides', title=policy.title, words=shortened(sentence)
                    ),
                    policy,
                ),
            )
    return ()


def _less(policy: Policy, law: WithdrawalLaw) -> str | None:
    refused = refuses(policy.text)
    if refused:
        return refused
    for sentence in re.split(r"(?<=[.!?])\s+|\n+", policy.text):
        days = re.search(r"within (\d{1,3}) (?:calendar |working )?days? of (?:delivery|receipt)", normalise(sentence))
        if days and int(days.group(1)) < law.days:
            return sentence.strip()
    return None


# ---- what answers it ------------------------------------------------------------------------------------------------


def _answer(sale: Sale, law: WithdrawalLaw, notice: Message) -> Passage | None:
    kept = taken_back(sale, notice.at) or content(sale, notice.at)
    return _excepted(sale, law) or kept or _kept_after_offer(sale, law, notice)


def _excepted(sale: Sale, law: WithdrawalLaw) -> Passage | None:
    """Only when the exception covers every line of the order."""
    begun = _begun(sale, law)
    if begun:
        return begun
    lines = sale.order.lines if sale.order else ()
    found = [_exception(line, law) for line in lines]
    if not found or not all(found) or found[0] is None:
        return None
    first = found[0]
    return passage(
        phrase(
            "{description}: {label} ({article})",
            description=lines[0].description,
            label=phrase(first.label),
            article=first.article,
        ),
        sale.order,
    )


def _exception(line: OrderLine, law: WithdrawalLaw) -> WithdrawalException | None:
    if line.withdrawal_exception:
        return law.exception(line.withdrawal_exception)
    if line.product_type == "travel":
        return law.exception("dated_service")
    plain = normalise(line.description)
    for each in law.exceptions:
        fits = _BY_TYPE.get(each.exception, line.product_type) == line.product_type or line.product_type is None
        if fits and any(re.search(rf"\b(?:{word})\b", plain) for word in each.words):
            return each
    return None


def _begun(sale: Sale, law: WithdrawalLaw) -> Passage | None:
    """Digital content that was used, a service that was rendered: the right has ended with the customer's consent."""
    exception = law.exception("digital_begun" if sale.product_type in ("digital", "subscription") else "service_begun")
    if exception is None:
        return None
    if sale.product_type in ("digital", "subscription") and sale.usage:
        words = phrase(
            "{action} {at}: {why}",
            action=sale.usage[0].action.capitalize(),
            at=when(sale.usage[0].at),
            why=_named(exception),
        )
        return passage(words, *sale.case.usage)
    papers = sale.documents("service_proof")
    if sale.product_type == "service" and papers:
        return passage(joined((papers[0].title, _named(exception)), ": "), papers[0])
    return None


def _named(exception: WithdrawalException) -> Phrase:
    return phrase("the right ends once it has begun with the customer's consent ({article})", article=exception.article)


def _kept_after_offer(sale: Sale, law: WithdrawalLaw, notice: Message) -> Passage | None:
    """We told them how to send it back, the days for it are over, and no return is on record."""
    if sale.product_type != "physical" or not sale.no_return_recorded:
        return None
    for message in sale.outgoing:
        offered = quoted(message, offers_return) if message.at >= notice.at else None
        last = max((each.delivered_at for each in sale.delivered if each.delivered_at), default=notice.at)
        if offered and max(last, message.at) + timedelta(days=law.return_days) < sale.claim.opened_at:
            words = phrase("{words}; no return of the goods is recorded", words=offered.words)
            return Passage(words=words, records=offered.records)
    return None


RULES = (
    Rule(
        "statutory_withdrawal",
        _withdrawal,
        claims=GOODS,
        silences=("return_required",),
    ),
)
