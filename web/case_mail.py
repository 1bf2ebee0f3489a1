"""The correspondence of a case as one thread: mail, chats, calls and forms in the order of time."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from disputes.models import EvidenceItem
from disputes.store_evidence import counts
from templates.language import marked as _
from templates.language import say
from web.case_view import Case
from web.words import plain, told

LAST = 12
"""Messages on the case itself; the others have a page of their own."""
MOST_SIGNS = 3000
"""Of one message on the case; the whole of it is on that page."""
_HIDDEN = "hidden text in it was left out"
"""How the reading of a message says so (`evidence.mail`)."""
_BOUNCES = ("mailer-daemon", "postmaster")
_CHANNELS = {
    "e-mail": _("E-mail"),
    "chat": _("Chat"),
    "phone": _("Phone call"),
    "sms": _("Text message"),
    "web form": _("Web form"),
    "review": _("Review"),
    "help desk": _("Help desk"),
    "order note": _("Order note"),
    "order message": _("Message at the order"),
    "order comment": _("Comment at the order"),
    "whatsapp": "WhatsApp",
    "instagram": "Instagram",
    "facebook": "Facebook",
    "twitter": "X",
    "tiktok": "TikTok",
}


@dataclass(frozen=True, slots=True)
class Said:
    """One message as the reader shows it. Texts are the customer's and the shop's own, masked."""

    item_id: str
    at: datetime
    by_customer: bool
    who: str
    to: str
    channel: str
    subject: str
    """Empty where it is the one before's."""
    body: str
    quoted: str
    """Earlier text that was quoted in it; folded away."""
    cut: bool
    """There is more of it on the page of all messages."""
    automatic: str
    """What kind of machine wrote it, in words; empty for a person."""
    hidden: bool
    """Text nobody would have seen was left out of it."""
    doubtful: str
    """Why it may not belong to this case, until a person confirms it."""
    source: str
    request: str
    adapter: str
    sha256: str
    taken_at: datetime
    translation: str
    translated_by: str
    needs_translation: bool
    has_original: bool


@dataclass(frozen=True, slots=True)
class Correspondence:
    said: tuple[Said, ...]
    total: int
    copies: tuple[EvidenceItem, ...] = ()
    """The same messages as other systems hold them: kept with their origin, shown once."""

    @property
    def earlier(self) -> int:
        """Messages that are not among those shown."""
        return self.total - len(self.said)


def letters_of(case: Case, *, whole: bool = False) -> Correspondence:
    """The last messages, or all and in full length. Copies of one message by several systems are shown once; notes
    among the shop's own people never became items at all."""
    kept = {message.provenance.item_id for message in case.file.messages if message.provenance}
    every = [each for each in case.items if each.fact_type == "message"]
    every.sort(key=lambda each: (str(each.fact["at"]), each.id))
    items = [each for each in every if each.id in kept or not counts(each)]
    copies = [each for each in every if each.id not in kept and counts(each)]
    shown = items if whole else items[-LAST:]
    said: list[Said] = []
    subject = ""
    for each in shown:
        said.append(_said(case, each, subject, MOST_SIGNS if not whole else None))
        subject = _bare(each.fact.get("subject") or "") or subject
    return Correspondence(tuple(said), len(items), tuple(copies))


def _said(case: Case, item: EvidenceItem, before: str, most: int | None) -> Said:
    fact: dict[str, Any] = item.fact
    body, quoted = str(fact.get("body", "")), str(fact.get("quoted", ""))
    subject = str(fact.get("subject") or "")
    return Said(
        item_id=item.id,
        at=datetime.fromisoformat(fact["at"]),
        by_customer=fact.get("direction") == "in",
        who=str(fact.get("sender", "")),
        to=", ".join(fact.get("recipients", ())),
        channel=channel_words(str(fact.get("channel", "e-mail"))),
        subject=subject if _bare(subject) != before else "",
        body=body[:most],
        quoted=quoted[:most],
        cut=most is not None and max(len(body), len(quoted)) > most,
        automatic=_automatic(fact),
        hidden=_HIDDEN in item.why,
        doubtful="" if counts(item) else told(item.why) or say("It is not certain that this is about the sale."),
        source=told(item.source_title),
        request=item.request,
        adapter=item.adapter,
        sha256=item.sha256,
        taken_at=item.taken_at,
        translation=item.translation or "",
        translated_by=case.who(item.translated_by) if item.translated_by else "",
        needs_translation=fact.get("message_id") in case.untranslated,
        has_original=item.media_type in ("message/rfc822", "application/json") or item.media_type.startswith("text/"),
    )


def _automatic(fact: dict[str, Any]) -> str:
    if not fact.get("automatic"):
        return ""
    address = str(fact.get("sender", "")).rpartition("<")[2].casefold()
    return say("Could not be delivered") if address.startswith(_BOUNCES) else say("Automatic reply")


def _bare(subject: str) -> str:
    """The subject without its "Re:", so that it is printed where it changes."""
    words = subject.strip()
    while (head := words.partition(":"))[1] and len(head[0].strip()) <= 3:
        words = head[2].strip()
    return words.casefold()


def channel_words(channel: str) -> str:
    """A channel of a help desk's own is shown by its own word."""
    known = _CHANNELS.get(channel)
    return say(known) if known else plain(channel)
