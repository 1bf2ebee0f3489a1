"""Is a text English? Counted by stop words, and when in doubt a person looks. No machine translates."""

from __future__ import annotations

from typing import Literal

from evidence.matching import normalise

Verdict = Literal["english", "foreign", "unsure"]

_ENGLISH_WORDS = """
    a about all also am an and any are arrived as at be been but by can could day did do does for from get got had
    has have hello hi how i in is it its just like me much my no not now of on one or order our out parcel please
    received so some thank thanks that the them there they this to today up us very was we well were what when which
    will with would yes you your dear regards
"""
_FOREIGN_WORDS = {
    "tr": """ve bir bu icin ile ama cok degil ben siz size bana nasil merhaba tesekkurler tesekkur ederim lutfen urun
    siparis kargo iade geldi var yok mi gibi daha olarak sizin benim acaba iyi gunler""",
    "de": """und der die das ist nicht ich sie ein eine mit fur auf wir haben hallo danke bitte von zu den im habe wie
    mein vielen guten tag""",
    "fr": "le la les et est je vous un une pour pas dans que qui nous bonjour merci de du des mon avec sur votre",
    "it": "il la e che di un una per non sono con ho mi grazie ciao buongiorno come del della",
    "es": "el la los y que de un una por para no es con mi gracias hola en muy como del",
    "nl": "de het een en is niet ik u met voor van op dank hallo mijn",
    "pl": "i w nie na to jest sie z do dzien dobry dziekuje prosze",
}
_ENGLISH = frozenset(_ENGLISH_WORDS.split())
_FOREIGN = {language: frozenset(words.split()) - _ENGLISH for language, words in _FOREIGN_WORDS.items()}


def language_of(text: str, declared: str | None = None) -> Verdict:
    """A declared foreign language is believed; a declared English only if the words do not say otherwise."""
    words = normalise(text).split()
    if not words:
        return "english" if not text.strip() or text.isascii() else "unsure"
    english = sum(word in _ENGLISH for word in words)
    foreign = max(sum(word in known for word in words) for known in _FOREIGN.values())
    claimed = (declared or "").casefold()[:2]
    if claimed and claimed != "en":
        return "foreign"
    if foreign > english:
        return "foreign"
    if english > foreign and english * 6 >= len(words):
        return "english"
    return "english" if claimed == "en" and english >= foreign and text.isascii() else "unsure"
