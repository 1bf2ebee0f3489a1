"""What was written, by the customer and by us, that speaks against the answer."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from datetime import timedelta

from disputes.facts import Message
from disputes.phrases import Phrase, phrase
from evidence.contradictions.check import Pair, Register
from evidence.contradictions.parcels import started
from evidence.own_words import admits_fault, refuses_return
from evidence.passages import passage, shortened, when
from evidence.sale import Sale
from evidence.words import allows_returns, offers_return, says_not_received, says_sent_back, says_withdraws

check = Register()
Found = Iterator[Pair]


def spoken(says: Callable[[str], str | None], message: Message) -> str | None:
    """The sentence that says it, from the translation where there is one."""
    return says(message.translation or message.body) or says(message.body)


@check(
    "customer_denies_receipt",
    "note",
    phrase("The customer wrote after the delivery that nothing came"),
    phrase("Ask the carrier for a signature or photo; delivery alone answers this badly."),
)
def _denied(sale: Sale) -> Found:
    delivered = [each for each in sale.delivered if each.delivered_at]
    for message in sale.incoming:
        words = spoken(says_not_received, message)
        if words and delivered and delivered[0].delivered_at and message.at > delivered[0].delivered_at:
            recorded = phrase(
                "{carrier}: delivered {at}", carrier=delivered[0].carrier, at=when(delivered[0].delivered_at)
            )
            yield passage(Phrase(words), message), passage(recorded, delivered[0])
            return


@check(
    "customer_says_sent_back",
    "blocks",
    phrase("The customer wrote that the goods were sent back"),
    phrase("No return parcel is on record. Find out before you say that none was made."),
    silences=("no_return",),
)
def _sent_back(sale: Sale) -> Found:
    for message in sale.incoming:
        words = spoken(says_sent_back, message)
        if words and not sale.returns:
            yield passage(Phrase(words), message), started(sale)
            return


@check(
    "customer_cancelled_in_writing",
    "blocks",
    phrase("The customer cancelled in writing"),
    phrase("The message lies before the charge or the dispatch. Check whether the cancellation had to be honoured."),
    silences=("no_cancellation",),
)
def _cancel_mail(sale: Sale) -> Found:
    if sale.reason.category not in ("subscription_canceled", "canceled", "credit_not_processed"):
        return
    moved = min((each.shipped_at for each in sale.shipments if each.shipped_at), default=None)
    charged = sale.payment.paid_at if sale.payment else None
    limit = charged if sale.reason.category == "subscription_canceled" else moved
    for message in sale.incoming:
        words = spoken(says_withdraws, message)
        if words and limit and message.at < limit:
            yield (
                passage(Phrase(words), message),
                passage(phrase("Charged or dispatched {at}", at=when(limit)), sale.payment),
            )
            return


@check(
    "merchant_admits_fault",
    "blocks",
    phrase("Your own mail admits the fault"),
    phrase("The bank may read it as your agreement with the customer. Decide whether to contest at all."),
)
def _admitted(sale: Sale) -> Found:
    for message in sale.outgoing:
        words = spoken(admits_fault, message)
        if words:
            claimed = phrase("The dispute says: {reason}", reason=phrase(sale.reason.name))
            yield (
                passage(phrase('You wrote: "{words}"', words=shortened(words)), message),
                passage(claimed, sale.payment or sale.order),
            )
            return


@check(
    "return_refused_against_policy",
    "blocks",
    phrase("A return was refused that your own policy allows"),
    phrase("The bank compares your mail with your policy. If the refusal was wrong, the credit is due."),
    silences=("return_offered_on", "return_required"),
)
def _refused(sale: Sale) -> Found:
    refusals = [(each, words) for each in sale.outgoing if (words := spoken(refuses_return, each))]
    for policy in sale.policies("return", "refund"):
        allowed = allows_returns(policy.text)
        for message, words in refusals:
            if allowed and _within(sale, message, allowed) and not _offered(sale, message):
                yield (
                    passage(phrase('You wrote: "{words}"', words=shortened(words)), message),
                    passage(phrase("{title}: {words}", title=policy.title, words=shortened(allowed)), policy),
                )
                return


def _within(sale: Sale, refusal: Message, allowed: str) -> bool:
    """The refusal lies inside the days that the policy gives; a policy without days gives them all."""
    days = re.search(r"(\d{1,3})\s*(?:calendar |working |business )?days?", allowed)
    delivered = [each.delivered_at for each in sale.delivered if each.delivered_at]
    if not days or not delivered:
        return True
    return refusal.at <= max(delivered) + timedelta(days=int(days.group(1)))


def _offered(sale: Sale, refusal: Message) -> bool:
    """The same mail or a later one offers the return after all."""
    return any(spoken(offers_return, each) for each in sale.outgoing if each.at >= refusal.at)


CHECKS = tuple(check.checks)
