"""What a mail server's refusals mean, in words for a merchant."""

from __future__ import annotations

import ssl

from disputes.phrases import phrase
from disputes.systems import SourceError, SourceFailure

TITLE = "The mailbox"
_MICROSOFT = ("office365.com", "outlook.com", "hotmail.com")
_LIMITS = ("throttl", "too many", "overquota", "bandwidth", "[limit]", "rate limit", "connection limit")
_LATER = ("[unavailable]", "temporar", "try again", "server busy", "[inuse]", "[serverbug]", "internal error")
_APP_PASSWORD = ("application-specific password", "app password", "app-specific", "application specific password")
_BROWSER = ("web browser", "weblogin", "[webalert]", "sign in via")
_NO_PASSWORDS = ("basic auth", "basicauth", "logindisabled", "login disabled", "is disabled", "[privacyrequired]")


def login_refused(said: str, host: str, *, by_token: bool) -> SourceError:
    """`said`: the server's own words."""
    low = said.casefold()

    if _any(_LIMITS, low):
        return SourceError(
            SourceFailure.RATE_LIMITED, phrase("{host} lets nobody in now, because it was asked too often.", host=host)
        )
    if _any(_LATER, low):
        return SourceError(
            SourceFailure.UNAVAILABLE,
            phrase("{host} cannot check the sign-in now; it is asked again later.", host=host),
        )
    if _any(_APP_PASSWORD, low):
        words = phrase(
            "{host} wants an app password here, not the account's own. Make one in the account's security settings.",
            host=host,
        )
        return SourceError(SourceFailure.CREDENTIALS, words)
    if _any(_BROWSER, low):
        words = phrase("{host} wants somebody to sign in with a browser first and allow this.", host=host)
        return SourceError(SourceFailure.CREDENTIALS, words)
    if by_token:
        words = phrase(
            "{host} refuses the token: it has expired, is for another mailbox, or gives no right to read mail over "
            "IMAP.",
            host=host,
        )
        return SourceError(SourceFailure.CREDENTIALS, words)
    if host.casefold().endswith(_MICROSOFT) or _any(_NO_PASSWORDS, low):
        words = phrase(
            "{host} refuses the password. Where it takes none any more, as Microsoft 365 does, connect with OAuth 2.",
            host=host,
        )
        return SourceError(SourceFailure.CREDENTIALS, words)
    words = phrase(
        "{host} refuses the user name or the password. Where the account has two-step sign-in, an app password is "
        "needed.",
        host=host,
    )
    return SourceError(SourceFailure.CREDENTIALS, words)


def not_reached(error: Exception, host: str, port: int, security: str) -> SourceError:
    """Before anybody could sign in."""
    place = phrase("{host}, port {port}", host=host, port=port)
    if isinstance(error, ssl.SSLCertVerificationError):
        words = phrase(
            "The certificate of {host} is not to be trusted: {why}.",
            host=host,
            why=error.verify_message.rstrip("."),
        )
        return SourceError(SourceFailure.REFUSED, words)
    if isinstance(error, ssl.SSLError):
        return SourceError(
            SourceFailure.REFUSED,
            phrase("{place} does not speak TLS from the start. Is it the port for STARTTLS?", place=place),
        )
    if isinstance(error, TimeoutError):
        return SourceError(SourceFailure.UNAVAILABLE, phrase("{place} did not answer in time.", place=place))
    if isinstance(error, OSError):
        return SourceError(
            SourceFailure.UNAVAILABLE,
            phrase(
                "{place} cannot be reached now ({kind}). What it told before is kept, and it is asked again.",
                place=place,
                kind=type(error).__name__,
            ),
        )
    if "tls" in str(error).casefold():
        return SourceError(
            SourceFailure.REFUSED,
            phrase("{place} offers no STARTTLS, and a password is not sent without TLS.", place=place),
        )
    if security == "tls" or "greeting" in str(error).casefold():
        return SourceError(SourceFailure.MALFORMED, phrase("{place} does not answer as a mailbox does.", place=place))
    return SourceError(SourceFailure.UNAVAILABLE, phrase("{place} ended the conversation.", place=place))


def broken_off(error: Exception) -> SourceError:
    """In the middle of reading."""
    said = str(error).casefold()
    if isinstance(error, TimeoutError) or "timed out" in said:
        return SourceError(SourceFailure.UNAVAILABLE, phrase("{title} did not answer in time.", title=TITLE))
    if _any(_LIMITS, said):
        return SourceError(SourceFailure.RATE_LIMITED, phrase("{title} asks to be called less often.", title=TITLE))
    return SourceError(SourceFailure.UNAVAILABLE, phrase("{title} broke off the conversation.", title=TITLE))


def too_late() -> SourceError:
    return SourceError(
        SourceFailure.UNAVAILABLE, phrase("{title} took too long; it is asked again later.", title=TITLE)
    )


def _any(words: tuple[str, ...], text: str) -> bool:
    return any(word in text for word in words)
