"""What our own mail says, by fixed phrases in English and Turkish: a replacement, a return, a fault, a refusal.

A condition, a question, a denial or a possibility says nothing here; a person reads the messages anyway.
"""

from __future__ import annotations

import re

from evidence.matching import normalise
from evidence.promises import doubtful
from evidence.words import sentences

_WILL = r"(?:we|i) (?:will|ll|shall|are going to|am going to)"
_NEW = (
    r"(?:replacement|new (?:one|set|piece|parcel|item|pair)|another (?:one|set|piece|parcel|pair)"
    r"|substitute|(?:it|them|the \w+(?: \w+)?) (?:again|once more))"
)
_REPLACES = re.compile(
    "|".join(
        (
            rf"\b{_WILL} (?:\w+ ){{0,2}}(?:send|ship|dispatch|post|mail|arrange)\b.{{0,30}}\b{_NEW}\b",
            rf"\b{_WILL} (?:\w+ ){{0,2}}(?:replace|resend|re send|reship|re ship)\b",
            rf"\b(?:we|i) (?:are|am|re|m) (?:now )?(?:sending|shipping|preparing)\b.{{0,30}}\b{_NEW}\b",
            r"\byou (?:will|ll) (?:receive|get)\b.{0,30}\b(?:replacement|new (?:one|set|piece|parcel|pair))\b",
            r"\b(?:a|the|your) (?:replacement|new (?:one|set|piece|parcel|item|pair)) (?:\w+ ){0,3}"
            r"(?:will be|is being|is|has been|was) (?:sent|shipped|dispatched|on its way|prepared)\b",
            r"\b(?:yenisini|yeni (?:bir )?(?:urun\w*|paket\w*|set\w*)|degisim urun\w*) .{0,30}"
            r"(?:gonderecegiz|gonderiyoruz|gonderilecek\w*|kargolayacagiz|yollayacagiz|cikaracagiz"
            r"|kargoya verilecek\w*)",
        )
    )
)
_CONFIRMS_RETURN = re.compile(
    "|".join(
        (
            r"\b(?:we|i) (?:have |ve )?(?:now |just |already )?(?:received|got) (?:back )?(?:your|the) "
            r"(?:return(?:ed)?\b(?! (?:request|form|label|mail|message|question))|\w+(?: \w+){0,2} back)",
            r"\byour (?:return|returned \w+|return parcel)(?: \w+){0,3} "
            r"(?:arrived|reached us|has arrived|was received|is here)\b",
            r"\b(?:iadeniz|iade (?:paketiniz|urununuz|kargonuz)|geri gonderdiginiz \w+) .{0,30}"
            r"(?:ulasti|ulasmistir|elimize gecti|teslim alindi|geldi)\b",
        )
    )
)
_ADMITS = re.compile(
    "|".join(
        (
            r"\b(?:it|this|that) (?:was|is) (?:entirely |completely |clearly )?(?:our|my) (?:fault|mistake|error)\b",
            r"\b(?:our|my) (?:mistake|error|fault)\b",
            r"\b(?:we|i) (?:have |ve )?"
            r"(?:made (?:a|an) (?:mistake|error)|sent (?:you )?the wrong|forgot to (?:send|ship|include))\b",
            r"\b(?:we|i) (?:accept|admit|acknowledge|agree) that\b.{0,40}"
            r"\b(?:damaged|defective|faulty|broken|wrong|not as described|late)\b",
            r"\b(?:the|your) (?:\w+ )?(?:was|were|is|are) (?:indeed|really) "
            r"(?:damaged|defective|faulty|broken|wrong)\b",
            r"\b(?:bizim hatamiz|hata bizde|yanlis urun gondermisiz|bizden kaynakli)",
        )
    )
)
_REFUSES = re.compile(
    r"\b(?:(?:we|i) (?:can ?not|can t|do not|don t|are unable to|will not|won t) (?:\w+ ){0,3}"
    r"(?:accept|take|cancel|refund|return)\b"
    r"|(?:can|could) (?:no longer|not) be (?:cancelled|canceled|returned|refunded)"
    r"|no (?:returns?|refunds?)\b|sales? (?:is|are) final"
    r"|(?:iptal|iade) (?:edemiyoruz|edemeyiz|alamiyoruz|alamayiz|edilemiyor|edilemez|kabul edemiyoruz))"
)
_OF_A_RETURN = re.compile(r"\b(?:return\w*|take \w+ back|sales? (?:is|are) final|iade)\b")


def _first(pattern: re.Pattern[str], text: str) -> str | None:
    """The first sentence that plainly says it."""
    for sentence in sentences(text):
        if pattern.search(normalise(sentence)) and not doubtful(sentence):
            return sentence
    return None


def promises_replacement(text: str) -> str | None:
    return _first(_REPLACES, text)


def confirms_return(text: str) -> str | None:
    return _first(_CONFIRMS_RETURN, text)


def admits_fault(text: str) -> str | None:
    return _first(_ADMITS, text)


def refuses(text: str) -> str | None:
    """A return, a cancellation or a refund is refused."""
    return next((each for each in sentences(text) if _REFUSES.search(normalise(each))), None)


def refuses_return(text: str) -> str | None:
    """A return is refused."""
    found = (each for each in sentences(text) if _REFUSES.search(normalise(each)))
    return next((each for each in found if _OF_A_RETURN.search(normalise(each))), None)
