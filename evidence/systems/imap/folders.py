"""Which folders of a mailbox hold what was received and what was sent."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from evidence.matching import normalise

INBOX = "INBOX"
_SENT = frozenset(
    normalise(name)
    for name in (
        *("Sent", "Sent Items", "Sent Mail", "Sent Messages", "Sent Objects"),
        *("Gönderilmiş Öğeler", "Gönderilen Öğeler", "Gönderilmiş Postalar", "Gönderilmiş İletiler"),
        *("Gönderilenler", "Gönderilmiş", "Gönderilen", "Gönderilen Postalar", "Gönderilmiş Posta"),
        *("Gesendet", "Gesendete Elemente", "Gesendete Objekte", "Gesendete Nachrichten", "Gesendete"),
        *("Envoyés", "Messages envoyés", "Éléments envoyés", "Courrier envoyé", "Objets envoyés"),
        *("Enviados", "Elementos enviados", "Mensajes enviados", "Correo enviado", "Itens enviados", "Enviadas"),
        *("Mensagens enviadas", "Inviata", "Posta inviata", "Inviati", "Elementi inviati", "Messaggi inviati"),
        *("Verzonden", "Verzonden items", "Verzonden berichten", "Wysłane", "Elementy wysłane"),
        *("Skickat", "Skickade", "Skickade objekt", "Sendt", "Sendt post", "Sendte elementer", "Lähetetyt"),
        *("Отправленные", "Отправленные сообщения", "Odeslané", "Odeslaná pošta", "Elküldött", "Trimise"),
    )
)
_ARCHIVE = frozenset(
    normalise(name) for name in ("Archive", "Archives", "Arşiv", "Archiv", "Archivo", "Archivio", "Archief")
)


@dataclass(frozen=True, slots=True)
class Folder:
    """As the server lists it; flags in lower case: "\\sent"."""

    name: str
    delimiter: str
    flags: frozenset[str]

    @property
    def last(self) -> str:
        return normalise(self.name.rpartition(self.delimiter)[2] if self.delimiter else self.name)

    @property
    def opens(self) -> bool:
        return not self.flags & {"\\noselect", "\\nonexistent"}


def sent(folders: Iterable[Folder], typed: str = "") -> list[str]:
    """The name that was typed, else what is marked as sent, and what is usually called so."""
    known = [each for each in folders if each.opens]
    if typed:
        return [each.name for each in known if each.name.casefold() == typed.casefold()]
    marked = [each.name for each in known if "\\sent" in each.flags]
    return list(dict.fromkeys([*marked, *(each.name for each in known if each.last in _SENT)]))


def to_search(
    folders: Sequence[Folder], *, gmail: bool, typed_sent: str = "", further: Sequence[str] = ()
) -> list[str]:
    """INBOX, sent mail, the archive, and what the merchant named. Google's folder of all mail holds the three."""
    known = [each for each in folders if each.opens]
    everything = [each.name for each in known if "\\all" in each.flags] if gmail else []
    archive = [each.name for each in known if "\\archive" in each.flags or each.last in _ARCHIVE]
    named = [each.name for each in known if each.name.casefold() in {name.casefold() for name in further}]
    usual = everything or [INBOX, *sent(folders, typed_sent), *archive]
    return list(dict.fromkeys([*usual, *named]))
