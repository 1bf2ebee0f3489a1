"""Handing mails over: SMTP, or a folder of .eml files until SMTP is set; retried, and visible when it fails."""

from __future__ import annotations

import smtplib
import ssl
from dataclasses import dataclass
from datetime import datetime, timedelta
from email.message import EmailMessage
from email.utils import format_datetime
from pathlib import Path

from disputes import store_mail
from disputes.clock import Clock
from disputes.database import refuse_inside_writer
from disputes.models import OutgoingMail
from disputes.phrases import phrase, said_by
from disputes.ports import Mail, MailRefused
from scheduler.runtime import Runtime

MAX_TRIES = 10


def message(mail: Mail, sender: str, at: datetime) -> EmailMessage:
    """The mail as it goes over the wire. A line break in a header raises: that is an injection, not a subject."""
    built = EmailMessage()
    for name, value in {"From": sender, "To": mail.to, "Subject": mail.subject, **mail.headers}.items():
        if "\r" in value or "\n" in value:
            raise MailRefused(
                phrase("The {name} line of a mail holds a line break and was not sent.", name=name), permanent=True
            )
        built[name] = value
    built["Message-ID"] = mail.message_id
    built["Date"] = format_datetime(at)
    built["Auto-Submitted"] = "auto-generated"
    built.set_content(mail.text)
    built.add_alternative(mail.html, subtype="html")
    return built


@dataclass(frozen=True, slots=True)
class FolderMailer:
    """Writes each mail as a file; the same mail overwrites itself."""

    folder: Path
    sender: str
    clock: Clock

    def send(self, mail: Mail) -> str:
        refuse_inside_writer("the mailer")
        self.folder.mkdir(parents=True, exist_ok=True, mode=0o700)
        path = self.folder / f"{mail.message_id.strip('<>').partition('@')[0]}.eml"
        temporary = path.with_suffix(".part")
        temporary.write_bytes(message(mail, self.sender, self.clock.now()).as_bytes())
        temporary.replace(path)
        return str(path)


@dataclass(frozen=True, slots=True)
class SmtpMailer:
    host: str
    port: int
    sender: str
    clock: Clock
    user: str | None = None
    password: str | None = None
    starttls: bool = True
    timeout: float = 30.0

    def send(self, mail: Mail) -> str:
        refuse_inside_writer("the mailer")
        built = message(mail, self.sender, self.clock.now())
        try:
            with smtplib.SMTP(self.host, self.port, timeout=self.timeout) as server:
                if self.starttls:
                    server.starttls(context=ssl.create_default_context())
                if self.user:
                    server.login(self.user, self.password or "")
                server.send_message(built)
        except (smtplib.SMTPResponseException, smtplib.SMTPRecipientsRefused) as error:
            raise MailRefused(
                phrase("The mail server refused: {words}", words=_words(error)), permanent=_permanent(error)
            ) from error
        except (OSError, smtplib.SMTPException) as error:
            raise MailRefused(
                phrase("The mail server {host} could not be used: {why}", host=self.host, why=said_by(error)),
                permanent=False,
            ) from error
        return f"smtp:{self.host}"


def _permanent(error: smtplib.SMTPException) -> bool:
    codes = (
        [code for code, _ in error.recipients.values()]
        if isinstance(error, smtplib.SMTPRecipientsRefused)
        else [getattr(error, "smtp_code", 0)]
    )
    # A sign-in that fails is mended in the settings; the mails wait for that.
    return all(500 <= code < 600 for code in codes) and not isinstance(error, smtplib.SMTPAuthenticationError)


def _words(error: smtplib.SMTPException) -> str:
    if isinstance(error, smtplib.SMTPRecipientsRefused):
        return "; ".join(f"{code} {text.decode(errors='replace')}" for code, text in error.recipients.values())
    said = getattr(error, "smtp_error", b"")
    text = said.decode(errors="replace") if isinstance(said, bytes) else said
    return f"{getattr(error, 'smtp_code', '')} {text}".strip()


def send_due(runtime: Runtime) -> int:
    """Send what is due; each mail is claimed, sent outside any transaction, and then noted."""
    with runtime.database.reading() as session:
        waiting = list(store_mail.due(session, runtime.clock.now()))
    return sum(_send_one(runtime, mail) for mail in waiting)


def _send_one(runtime: Runtime, mail: OutgoingMail) -> bool:
    now = runtime.clock.now()
    back_off = timedelta(minutes=min(2**mail.tries, 240))
    with runtime.database.writing() as session:
        if not store_mail.claim(session, mail.id, mail.tries, now + back_off):
            return False
    try:
        went_to = runtime.mailer.send(
            Mail(mail.message_id, mail.recipient, mail.subject, mail.text, mail.html, mail.headers)
        )
    except MailRefused as error:
        with runtime.database.writing() as session:
            row = session.get_one(OutgoingMail, mail.id)
            row.error = str(error)[:500]
            row.state = "failed" if error.permanent or row.tries >= MAX_TRIES else "pending"
            session.add(row)
        return False
    with runtime.database.writing() as session:
        row = session.get_one(OutgoingMail, mail.id)
        row.state, row.sent_at, row.went_to, row.error = "sent", runtime.clock.now(), went_to, ""
        if row.kind in store_mail.SECRET:
            row.text = row.html = ""
        session.add(row)
    return True
