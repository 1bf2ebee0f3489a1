"""What a customer's message says, by fixed phrases: having the goods or not, sending them back, cancelling, keeping.

Phrases are matched on text without accents and case, in English and Turkish. They decide what a message may be cited
for; the bank always reads the message itself.
"""

from __future__ import annotations

import re

from evidence.matching import normalise

_WRAPPED_FROM = 50
"""A line as long as this, without a stop at its end, was broken by a mail program and not by its writer."""


def sentences(text: str) -> list[str]:
    """The text's sentences as written, one a line or full stop; lines that a mail program broke are one again."""
    whole = re.sub(rf"([^\n]{{{_WRAPPED_FROM},}}[^\n.!?;:])\n(?=\S)", r"\1 ", text)
    return [part.strip() for part in re.split(r"(?<=[.!?;])\s+|\n+", whole) if part.strip()]


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
_WITHDRAWS = _any(
    r"(?:i|we) (?:hereby |now |would like to |want to |wish to |d like to )*withdraw(?:ing|n)?"
    r"(?! (?:the|my|this) (?:dispute|claim|complaint))",
    r"(?:i|we) (?:hereby |now )*(?:cancel|revoke|am cancelling|are cancelling)",
    r"(?:right of|exercise (?:my|our)(?: \w+)? right (?:of|to)) withdraw\w*",
    r"(?:i|we) (?:have |already )*cancell?ed (?:my|the|this|our|it)",
    r"(?:i|we) (?:want|wish|would like|d like|need) to "
    r"(?:cancel|stop|end|return|send (?:it|them|the \w+|this|everything) back|give (?:it|them) back)",
    r"please (?:cancel|stop|end|take (?:it|them|the \w+) back)",
    r"(?:could|can|would) you (?:please )?cancel (?:my|the|this|our)",
    r"(?:i|we) (?:have |ve )?changed (?:my|our) minds?",
    r"(?:i|we) (?:do not|don t|no longer) want (?:it|them|the|this|these)",
    r"cayma hakk\w+",
    r"(?:iade|iptal) etmek ist(?:iyorum|iyoruz|erim|eriz)",
    r"(?:iade|iptal) (?:edin|eder misiniz|edelim)|iptal ett(?:im|ik)",
    r"(?:siparis\w*|urun\w*) (?:\w+ )?(?:iptal|iade) ediyor\w*",
    r"(?:satin almaktan |siparisten )?vazgectim",
    r"(?:ich )?(?:widerrufe|mochte .{0,40}(?:widerrufen|stornieren|zuruckgeben))",
)
_NO_WITHDRAWAL = _any(
    r"(?:do not|don t|did not|didn t|never|not) (?:\w+ ){0,3}"
    r"(?:cancel|withdraw|return|want to (?:cancel|withdraw|return))",
    r"(?:how|when|where|whether) (?:do|can|could|would|may|should) (?:i|we) (?:\w+ )?(?:cancel|return|withdraw)",
    r"(?:if|unless|in case|should) (?:\w+ ){0,8}(?:arrive|come|deliver|refund|ship|answer|reply|fit)\w*",
    r"(?:maybe|perhaps|might|thinking (?:about|of)|considering)",
    r"newsletter|appointment|meeting|notifications?|reminders?|(?:my|the|this) (?:dispute|claim|complaint)",
    r"eger|belki|(?:se|sa)m (?:iptal|iade)|gelmezse|olmazsa|uymazsa",
)
_KEEPS = _any(
    r"(?:i|we) (?:will|ll|would like to|want to|d like to|have decided to|decided to) keep "
    r"(?:it|them|the|this|everything)",
    r"(?:please )?(?:ignore|forget|disregard) (?:my|the) (?:last|previous|earlier)? ?"
    r"(?:mail|message|e ?mail|cancell?ation|request)",
    r"(?:please )?(?:send|ship) it (?:anyway|after all)",
    r"(?:no need to|please don t|please do not) cancel",
    r"(?:iptal|iade) (?:etmekten vazgectim|etmeyin|etmiyorum)",
)
_COMPLAINS = _any(
    r"broken|damaged|defect\w*|faulty|torn|cracked|chips|chipped|scratched|stained|dented|crushed|shattered",
    r"wrong (?:size|colou?r|item|product|model|one)",
    r"(?:does not|doesn t|did not|didn t|not) (?:work|fit|match)\w*",
    r"missing|incomplete|not as described|poor quality|disappointed|unhappy|fake|counterfeit|pulled thread",
    r"(?:too|so|very|far) late|a (?:week|month)s? late|came late|arrived late|no longer (?:need|needed)",
    r"kirik|bozuk|hasarli|yirtik|eksik|yanlis|defolu|catlak|calismiyor|sahte|gec (?:geldi|ulasti)|renk farki",
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
_ALLOWS_RETURN = _any(
    r"(?:can|may) (?:be returned|return|send (?:it|them|the \w+|unused \w+) back)",
    r"(?:right|entitled) to return|returns? (?:is|are) (?:possible|accepted|free)|we (?:accept|take) returns",
    r"iade (?:edebilir\w*|edilebilir\w*)|geri gonderebilir\w*",
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


def says_withdraws(text: str) -> str | None:
    """The writer takes the order back now: no question how, no condition, no denial."""
    for sentence in sentences(text):
        plain = normalise(sentence)
        if _WITHDRAWS.search(plain) and not _NO_WITHDRAWAL.search(plain) and not _KEEPS.search(plain):
            return sentence
    return None


def says_keeps(text: str) -> str | None:
    """The writer takes a cancellation or a return back."""
    return _says(_KEEPS, text)


def complains(text: str) -> str | None:
    """The writer finds fault with the goods or the delivery."""
    return _says(_COMPLAINS, text)


def offers_return(text: str) -> str | None:
    return _says(_RETURN_OFFER, text)


def announces_renewal(text: str) -> str | None:
    return _says(_RENEWAL, text)


def confirms_order(text: str) -> str | None:
    return _says(_CONFIRMS, text)


def allows_returns(text: str) -> str | None:
    """The sentence of a policy that allows a return."""
    return next(
        (each for each in sentences(text) if _ALLOWS_RETURN.search(normalise(each)) and " not " not in each.casefold()),
        None,
    )
