"""Refunds promised in our own mail, by fixed phrases in English and Turkish, with the passage.

A refusal, a condition, a question or a possibility is no promise. A false alarm would propose giving up a good case,
so what is doubtful does not count here; a person reads the messages anyway.
"""

from __future__ import annotations

import re

from pydantic import AwareDatetime

from disputes.facts import Fact, Message
from disputes.money import Money
from evidence.matching import normalise
from evidence.words import offers_return, sentences


class Promise(Fact):
    message_id: str
    at: AwareDatetime
    passage: str
    """The sentence as we wrote it."""
    amount: Money | None = None
    """When the sentence names one in the disputed currency."""
    partial: bool = False
    """Speaks of a part only: the shipping, the difference, half."""


_WE = r"(?:we|i)"
_WILL = r"(?:will|ll|shall|are going to|am going to)"
_ADVERBS = "gladly|happily|of course|now|also|then|immediately|fully|therefore|certainly|definitely|today|be|promptly"
_PROMISES = re.compile(
    "|".join(
        (
            rf"\b{_WE} {_WILL} (?:(?:{_ADVERBS}) ){{0,2}}(?:refund|reimburse)\b",
            rf"\b{_WE} {_WILL} (?:\w+ ){{0,2}}?(?:issue|process|send|arrange|give|make|initiate)\b"
            r".{0,40}\b(?:refund|reimbursement)\b",
            rf"\b{_WE} (?:are|am|re|m) (?:now )?(?:refunding|issuing|processing|arranging)\b"
            r".{0,40}\b(?:refund|you|amount|order|payment)\b",
            r"\byou (?:will|ll) (?:receive|get|see|have)\b.{0,40}\b(?:refund|reimbursement|money back)\b",
            r"\b(?:refund|reimbursement)\b(?: \w+){0,5}? (?:has been|was|is being|will be|is) "
            r"(?:issued|processed|approved|initiated|sent|made|paid|on its way)\b",
            rf"\b{_WE} (?:have|ve) (?:\w+ )?(?:refunded|reimbursed)\b",
            rf"\b{_WE} (?:have|ve) (?:\w+ )?(?:issued|processed|approved|initiated)\b.{{0,30}}\brefund\b",
            r"\bwill be (?:fully )?(?:refunded|reimbursed)\b",
            r"\biade (?:edecegiz|edecegim|edilecek\w*|edilmistir|ettik|yapacagiz|yapilacak\w*|yapilmistir)\b",
            r"\biade(?:nizi|yi|niz|si|sini)? (?:yapacagiz|yapilacak\w*|gerceklestirecegiz|gerceklestirilecek\w*"
            r"|onaylandi|onaylanmistir|baslattik|baslatildi)\b",
            r"\biade(?:niz|si|siniz)\b(?! talebi).{0,40}\b(?:yapilacak\w*|gerceklestirilecek\w*|yatirilacak\w*)\b",
            r"\biade islemi\w* (?:yapacagiz|yapilacak\w*|baslattik|baslatildi|baslatacagiz|onaylandi)\b",
            r"\bgeri (?:odeme(?:yi|niz|nizi)? (?:yapacagiz|yapilacak\w*)|odeyecegiz|odenecek\w*)\b",
        )
    )
)
_NEGATED = re.compile(
    r"\b(?:not|never|cannot|can t|won t|wont|unable|don t|doesn t|isn t|aren t|wasn t|hasn t|haven t|nor|neither"
    r"|refund (?:requests?|claims?|policy)|refuse\w*|declin\w*"
    r"|unfortunately|regret|reject\w*|only|instead of|rather than"
    r"|without|no(?! problem| worries| later| more than)"
    r"|maalesef|degil|mumkun|yok|\w*(?:meyecek|mayacak|emiyor|amiyor|emeyiz|amayiz|ilmez|mez|maz)\w*)\b"
)
_CONDITION = re.compile(
    r"\b(?:if|once|unless|provided|assuming|upon|subject to|in case|should you|whether|until|would|could|may|might|can"
    r"|as soon as (?!possible)|(?:when|whenever|after) (?:we|you|the|it|your|its|receiv\w*|return\w*|inspect\w*)"
    r"|eger|sayet|halinde|takdirde|durumunda|sartiyla|kosuluyla|sonra|sonrasinda|gelince|ulasinca"
    r"|\w+(?:diginda|dugunda|tiginda|tugunda)"
    r"|\w+(?:rsaniz|rseniz|rsan|rsen)|edebilir\w*|olabilir)\b"
)
_PARTIAL = re.compile(
    r"\b(?:shipping|postage|delivery (?:cost|fee|charge)s?|difference|part|partial\w*|partly|half|percent|one of"
    r"|kargo (?:ucret|bedel)\w*|fark\w*|kismi|kismen|yari\w*|yuzde)\b"
)
_AMOUNT = re.compile(r"(\d{1,3}(?:[.,  ]\d{3})*(?:[.,]\d{1,2})?|\d+(?:[.,]\d{1,2})?)")


def _amount_in(passage: str, currency: str) -> Money | None:
    signs = {"EUR": "€", "USD": "$", "GBP": "£", "TRY": "₺", "JPY": "¥"}
    marks = "|".join(re.escape(mark) for mark in (currency, signs.get(currency, currency)))
    found = re.search(rf"(?:{marks})\s?{_AMOUNT.pattern}|{_AMOUNT.pattern}\s?(?:{marks})", passage)
    if not found:
        return None
    digits = found.group(1) or found.group(2)
    if re.search(r"[.,]\d{1,2}$", digits):
        whole, fraction = (
            digits[: digits.rfind(digits[-3] if digits[-3] in ".," else digits[-2])],
            re.split(r"[.,]", digits)[-1],
        )
        digits = re.sub(r"\D", "", whole) + "." + fraction
    else:
        digits = re.sub(r"\D", "", digits)
    try:
        return Money.parse(digits, currency)
    except ValueError:
        return None


def doubtful(sentence: str) -> bool:
    """A question, a denial or a condition: whatever it speaks of is not plainly said."""
    plain = normalise(sentence)
    return bool(sentence.rstrip().endswith("?") or _NEGATED.search(plain) or _CONDITION.search(plain))


def promise_in(sentence: str) -> bool:
    """The sentence promises a refund, plainly and without a condition."""
    return bool(_PROMISES.search(normalise(sentence))) and not doubtful(sentence)


def promises(messages: tuple[Message, ...], currency: str) -> tuple[Promise, ...]:
    """Every promise in mail that went out. One that asks for the goods back first is a condition in two sentences."""
    found = []
    for message in messages:
        if message.direction != "out" or offers_return(message.body):
            continue
        for sentence in sentences(message.body):
            if promise_in(sentence):
                partial = bool(_PARTIAL.search(normalise(sentence)))
                amount = _amount_in(sentence, currency)
                found.append(
                    Promise(
                        message_id=message.message_id, at=message.at, passage=sentence, amount=amount, partial=partial
                    )
                )
                break
    return tuple(found)
