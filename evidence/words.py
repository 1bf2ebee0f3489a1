"""What a message says, by fixed phrases: having the goods, not having them, sending them back, cancelling.

Phrases are matched on text without accents and case, in English and Turkish. They decide what a message may be cited
for; the bank always reads the message itself.
"""

from __future__ import annotations

import re

from evidence.matching import normalise


def sentences(text: str) -> list[str]:
    """The text's sentences as written, one a line or full stop."""
    return [part.strip() for part in re.split(r"(?<=[.!?;])\s+|\n+", text) if part.strip()]


def _any(*phrases: str) -> re.Pattern[str]:
    return re.compile(r"\b(?:" + "|".join(phrases) + r")\b")


_HAS = _any(
    r"(?:it|they|parcel|package|order|item|items|lamp|set|box|everything|all) "
    r"(?:has |have |just |finally |already )*(?:arrived|came)",
    r"(?:i|we) (?:have |ve |just |finally |already )*(?:received|picked up) "
    r"(?:it|them|the|my|your|our|this|everything)",
    r"(?:i|we) (?:have |ve )?(?:just |finally |already )*got (?:them|the|my|your|our|everything)",
    r"(?:i|we) (?:have been |ve been |am |are )(?:using|wearing|enjoying)",
    r"(?:arrived|came) (?:broken|damaged|safely|today|yesterday|well|late)",
    r"(?:elime|bana) ulasti",
    r"(?:urun|kargo|paket|lamba|siparis|siparisim|kargom|paketim)\w* (?:geldi|ulasti|teslim aldim)",
    r"teslim aldim",
)
_HANDLES = _any(
    r"how (?:do|can|should|to) (?:i |we |you )?(?:best )?"
    r"(?:use|wire|install|assemble|wash|clean|connect|hang|set up|fit) "
    r"(?:it|them|the|this|my|these)",
    r"(?:was|is|were|are|found) (?:\w+ ){0,4}(?:inside|in) (?:the|my) (?:box|parcel|package)",
    r"gift card inside",
    r"nasil (?:baglanir|baglayabilirim|baglarim|kurulur|takilir|monte edilir|kullanilir|yikanir|baglayacagim)",
    r"(?:kutunun|paketin) icinde\w*",
)
"""May be asked as a question: who asks how to wire the lamp has the lamp."""
_NOT_GOODS = _any(
    r"e ?mails?|mail|confirmation|invoice|messages?|reply|notification|tracking|codes?|voucher|coupon|discount"
    r"|account|password|refund|statement|charge|link|newsletter|offer|quote|bill|website|site|app|label"
    r"|fatura|mesaj\w*|mail\w*|onay\w*|kod\w*|kupon|sifre",
)
_HAS_NOT = _any(
    r"(?:not|never|hasn t|haven t|didn t|hasnt|havent|isn t|wasn t|no) "
    r"(?:\w+ ){0,3}(?:arrived|arrive|received|receive|got|get|come|came|delivered)",
    r"where is (?:my|the|our)",
    r"still (?:waiting|missing|nothing)",
    r"(?:gelmedi|ulasmadi|almadim|alamadim|teslim edilmedi|nerede)",
    r"(?:if|when|once|until|before|as soon as) (?:\w+ ){0,4}(?:arrives|arrived|received|came|comes|gets here)",
)
_SENT_BACK = _any(
    r"(?:i|we) (?:have |ve |already )*(?:sent|shipped|posted|mailed|returned) (?:\w+ ){0,3}back",
    r"(?:i|we) (?:have |ve |already )*returned (?:it|them|the|my|everything|this)",
    r"(?:iade ettim|iade ettik|geri gonderdim|geri yolladim|iade gonderdim|kargoya verdim)",
)
_CANCELS = _any(
    r"(?:i|we) (?:want|wish|would like|d like|need) to (?:cancel|withdraw|stop)",
    r"please (?:cancel|stop)",
    r"cancel (?:my|the|this|our) (?:order|subscription|plan|membership|renewal)",
    r"(?:i|we) (?:have |already )*cancell?ed",
    r"(?:iptal etmek|iptal edin|iptal eder misiniz|iptal ettim|cayma hakk\w+|vazgectim)",
)
_RETURN_OFFER = _any(
    r"return (?:label|authori[sz]ation|instructions|address|form)",
    r"(?:please |you can |you may |could you )?(?:send|ship|post) (?:it|them|the \w+|the goods) back",
    r"(?:please|you can|you may) return",
    r"(?:iade kodu|iade etiketi|iade kargo\w*|iade formu|geri gonder\w*)",
)
_RENEWAL = _any(
    r"(?:subscription|plan|membership)\w* (?:will |is about to |is due to )?(?:renew|renews)",
    r"renewal (?:notice|reminder)",
    r"(?:will|is going to) (?:be )?(?:renewed|renew)(?: automatically)?",
    r"(?:yenilenecek\w*|yenileme)",
)
_CONFIRMS = _any(
    r"(?:order|booking|purchase) (?:\w+ ){0,3}(?:confirmation|confirmed|received)",
    r"(?:confirm|confirming|thank you for) your (?:order|purchase|booking)",
    r"siparis\w* (?:\w+ ){0,2}(?:onay\w*|alindi|alinmistir)",
)


def _says(pattern: re.Pattern[str], text: str) -> str | None:
    """The first sentence that says it, as written."""
    for sentence in sentences(text):
        if pattern.search(normalise(sentence)):
            return sentence
    return None


def says_has_goods(text: str) -> str | None:
    """The writer speaks of having the goods, not of a mail or a code; a denial anywhere in the text spoils it."""
    if _HAS_NOT.search(normalise(text)):
        return None
    for sentence in sentences(text):
        plain = normalise(sentence)
        asked = sentence.endswith("?")
        if (_HANDLES.search(plain) or (not asked and _HAS.search(plain))) and not _NOT_GOODS.search(plain):
            return sentence
    return None


def says_not_received(text: str) -> str | None:
    return _says(_HAS_NOT, text)


def says_sent_back(text: str) -> str | None:
    return _says(_SENT_BACK, text)


def says_cancels(text: str) -> str | None:
    return _says(_CANCELS, text)


def offers_return(text: str) -> str | None:
    return _says(_RETURN_OFFER, text)


def announces_renewal(text: str) -> str | None:
    return _says(_RENEWAL, text)


def confirms_order(text: str) -> str | None:
    return _says(_CONFIRMS, text)
