"""Messages as bytes, keyword by keyword."""

from __future__ import annotations

from evidence.mail import Letter, Own, read_mail

OWN = Own.of(["lale.example", "lale.shop@mail.example"])


def mail(
    *,
    body: str | bytes = "Hello",
    sender: str = "Emily Carter <emily@example.com>",
    to: str = "support@lale.example",
    date: str = "Thu, 12 Nov 2026 10:00:00 +0300",
    subject: str = "Hello",
    message_id: str | None = "<a@example.com>",
    content_type: str = "text/plain; charset=utf-8",
    extra: str = "",
) -> bytes:
    lines = [
        f"From: {sender}",
        f"To: {to}",
        f"Subject: {subject}",
        f"Content-Type: {content_type}",
        "MIME-Version: 1.0",
    ]
    lines += [f"Date: {date}"] if date else []
    lines += [f"Message-ID: {message_id}"] if message_id else []
    head = "\n".join(lines) + "\n" + extra
    return head.encode() + b"\n" + (body if isinstance(body, bytes) else body.encode())


def letter(data: bytes) -> Letter:
    found = read_mail(data, OWN)
    assert found is not None
    return found


def multipart(*parts: tuple[str, str]) -> str:
    return "".join(f"--b\nContent-Type: {kind}\n\n{text}\n" for kind, text in parts) + "--b--\n"
