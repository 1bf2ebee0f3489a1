"""Calling a merchant's system: bounded in time and size, patient with its rate limits, plain about what went wrong."""

from __future__ import annotations

import json
import ssl
import time
import weakref
from collections.abc import Container, Mapping
from dataclasses import dataclass
from email.utils import parsedate_to_datetime
from functools import cache
from typing import Any
from urllib.parse import urljoin, urlsplit

import httpx

from disputes.addresses import BadAddress, checked
from disputes.database import refuse_inside_writer
from disputes.phrases import phrase, said_by
from disputes.systems import Outside, SourceError, SourceFailure

MEGABYTE = 2**20
MAX_ANSWER = 32 * MEGABYTE
MAX_FILE = 20 * MEGABYTE
TRIES = 4
MAX_MOVES = 4
_LONGEST_WAIT = 30.0
_PATIENCE = (0.5, 2.0, 5.0)
"""Seconds before the next try where the system names none."""
Params = Mapping[str, str | int] | None


@cache
def _trusted() -> ssl.SSLContext:
    """The authorities a certificate may come from; read once, because that takes longer than many a call."""
    return httpx.create_ssl_context(trust_env=False)


@dataclass(frozen=True, slots=True)
class Answer:
    """One answer, whole. `request` is what was asked as it may be stored: the address without secrets."""

    status: int
    headers: Mapping[str, str]
    data: bytes
    request: str
    title: str

    @property
    def json(self) -> Any:
        """Numbers with a fraction stay text ("19.90"), so that money never passes through a float."""
        try:
            return json.loads(self.data.decode("utf-8-sig"), parse_float=str)
        except (ValueError, RecursionError):
            raise SourceError(
                SourceFailure.MALFORMED,
                phrase("{title} answered with something that is no JSON. Is the address right?", title=self.title),
            ) from None


class Http:
    """One system's API. Redirects are not followed: a key goes to the address that was connected and nowhere else."""

    def __init__(
        self,
        title: str,
        base: str,
        outside: Outside,
        *,
        auth: httpx.Auth | tuple[str, str] | None = None,
        headers: Mapping[str, str] | None = None,
    ) -> None:
        self._title = title
        self._base = base.rstrip("/") + "/"
        self._outside = outside
        self._auth = auth
        self._headers = {"accept": "application/json", "user-agent": "Counterproof", **(headers or {})}
        self._client: httpx.Client | None = None

    def get(self, path: str, params: Params = None, *, missing: bool = False, moved: bool = False) -> Answer:
        """`path` may be a whole address from the system's own links, on the same host. `missing`: 404 is an answer;
        `moved`: a redirection is one."""
        return self._call("GET", path, params=params, missing=missing, moved=moved)

    def post(self, path: str, content: Any, *, params: Params = None, answers: Container[int] = ()) -> Answer:
        """For questions only (GraphQL, a search, registering a parcel to be watched). `answers`: statuses beside
        success that are an answer too, because their body says more ("already exists")."""
        return self._call("POST", path, params=params, content=content, answers=answers)

    def download(self, url: str, *, limit: int = MAX_FILE, own: bool = False) -> bytes:
        """A file that the system points at, wherever it lies; the key is sent along only where it is the system's
        `own` host. Files alone may be moved: a few redirections are followed, each address looked at like the first."""
        for _ in range(MAX_MOVES):
            try:
                checked(url, loopback=self._outside.loopback)
            except BadAddress as error:
                raise SourceError(
                    SourceFailure.REFUSED,
                    phrase(
                        "{title} points at a file that is not fetched. {error}", title=self._title, error=said_by(error)
                    ),
                ) from None
            answer = self._fetched(url, limit, own=own and self._same_host(url))
            if answer.status < 300:
                return answer.data
            moved_to = answer.headers.get("location", "")
            if answer.status not in (301, 302, 303, 307, 308) or not moved_to:
                break
            url = urljoin(url, moved_to)
        raise SourceError(
            SourceFailure.REFUSED,
            phrase(
                "A file that {title} points at could not be fetched ({status}).",
                title=self._title,
                status=answer.status,
            ),
        )

    def _fetched(self, url: str, limit: int, *, own: bool) -> Answer:
        if own:
            return self._call("GET", url, limit=limit, moved=True)
        with self._open(auth=None, headers={"user-agent": "Counterproof"}) as client:
            return self._try(client, "GET", url, None, None, limit)

    # ---- one call ---------------------------------------------------------------------------------------------------

    def _call(
        self, method: str, path: str, *, params: Params = None, content: Any = None, missing: bool = False,
        limit: int = MAX_ANSWER, moved: bool = False, answers: Container[int] = (),
    ) -> Answer:  # fmt: skip
        refuse_inside_writer(self._title)
        url = urljoin(self._base, path)
        if not self._same_host(url):
            raise SourceError(
                SourceFailure.MALFORMED,
                phrase("{title} points at another machine for its next page.", title=self._title),
            )
        if self._client is None:
            self._client = self._open(auth=self._auth, headers=self._headers)
            weakref.finalize(self, self._client.close)
        for turn in range(TRIES):
            last = turn == TRIES - 1
            answer = self._try(self._client, method, url, params, content, limit)
            given = answer.status < (400 if moved else 300) or answer.status in answers
            if given or (missing and answer.status == 404):
                return answer
            wait = _wait(answer, turn)
            if (
                answer.status not in (429, 500, 502, 503, 504)
                or last
                or wait > min(_LONGEST_WAIT, self._outside.left())
            ):
                raise self._failed(answer)
            time.sleep(wait)
        raise AssertionError("the last try returns or raises")

    def _try(self, client: httpx.Client, method: str, url: str, params: Params, content: Any, limit: int) -> Answer:
        if self._outside.left() <= 0:
            raise SourceError(
                SourceFailure.UNAVAILABLE,
                phrase("{title} took too long; it is asked again later.", title=self._title),
            )
        try:
            with client.stream(method, url, params=params, json=content) as response:
                data = bytearray()
                for piece in response.iter_bytes():
                    data += piece
                    if len(data) > limit:
                        raise SourceError(
                            SourceFailure.REFUSED,
                            phrase(
                                "{title} sent more than {value} MB at once.",
                                title=self._title,
                                value=limit // MEGABYTE,
                            ),
                        )
                asked = f"{self._title}: {method} {shown(str(response.url))}"
                return Answer(response.status_code, response.headers, bytes(data), asked, self._title)
        except httpx.TimeoutException:
            raise SourceError(
                SourceFailure.UNAVAILABLE, phrase("{title} did not answer in time.", title=self._title)
            ) from None
        except (httpx.HTTPError, httpx.InvalidURL) as error:
            raise SourceError(
                SourceFailure.UNAVAILABLE,
                phrase(
                    "{title} cannot be reached now ({kind}). What it told before is kept, and it is asked again.",
                    title=self._title,
                    kind=type(error).__name__,
                ),
            ) from None

    def _open(self, *, auth: httpx.Auth | tuple[str, str] | None, headers: Mapping[str, str]) -> httpx.Client:
        seconds = max(1.0, min(20.0, self._outside.left()))
        return httpx.Client(
            auth=auth,
            headers=dict(headers),
            timeout=seconds,
            follow_redirects=False,
            trust_env=False,
            verify=_trusted(),
        )

    def _same_host(self, url: str) -> bool:
        mine, other = urlsplit(self._base), urlsplit(url)
        return (mine.scheme, mine.netloc) == (other.scheme, other.netloc)

    def _failed(self, answer: Answer) -> SourceError:
        status, title = answer.status, self._title
        match status:
            case 401:
                return SourceError(
                    SourceFailure.CREDENTIALS,
                    phrase("{title} refuses the key. Connect it again with a new one.", title=title),
                )
            case 403:
                return SourceError(
                    SourceFailure.RIGHTS,
                    phrase("{title} refuses this key what was asked: a right is missing.", title=title),
                )
            case 404 | 410:
                return SourceError(
                    SourceFailure.NOT_FOUND, phrase("{title} knows nothing under this address.", title=title)
                )
            case 429:
                return SourceError(
                    SourceFailure.RATE_LIMITED,
                    phrase("{title} asks to be called less often.", title=title),
                    retry_after=_wait(answer, 0),
                )
            case _ if status >= 500:
                return SourceError(
                    SourceFailure.UNAVAILABLE,
                    phrase("{title} has a fault of its own ({status}).", title=title, status=status),
                    retry_after=_named(answer),
                )
            case _ if 300 <= status < 400:
                return SourceError(
                    SourceFailure.REFUSED,
                    phrase(
                        "{title} points elsewhere ({status}). Connect it with the address it uses.",
                        title=title,
                        status=status,
                    ),
                )
        return SourceError(
            SourceFailure.REFUSED, phrase("{title} refused the question ({status}).", title=title, status=status)
        )

    def close(self) -> None:
        if self._client is not None:
            self._client.close()


def shown(url: str) -> str:
    """An address as it may be stored: without anything that might be a key."""
    parts = urlsplit(url)
    pairs = [pair for pair in parts.query.split("&") if pair]
    kept = [pair for pair in pairs if not any(word in pair.partition("=")[0].casefold() for word in _SECRET)]
    return f"{parts.path}?{'&'.join(kept)}" if kept else parts.path


_SECRET = ("key", "token", "secret", "signature", "password", "auth")


_MILLISECONDS = ("x-rate-limit-time-reset-ms", "x-hubspot-ratelimit-interval-milliseconds")
"""Until the count begins anew; the second is the whole of a rolling window, after which it surely has."""


def _named(answer: Answer) -> float | None:
    """Seconds the system itself asks to wait; some only tell the second at which their count begins anew."""
    said = (answer.headers.get("retry-after") or answer.headers.get("x-ratelimit-retry-after") or "").strip()
    if not said and answer.status == 429 and (reset := answer.headers.get("x-ratelimit-reset", "")).isdecimal():
        return _until(int(reset), answer)
    for header in _MILLISECONDS:
        if not said and answer.status == 429 and (wait := answer.headers.get(header, "")).isdecimal():
            return int(wait) / 1000
    try:
        return max(0.0, float(said))
    except ValueError:
        pass
    try:
        moment = parsedate_to_datetime(said)
        sent = parsedate_to_datetime(answer.headers.get("date", ""))
        return max(0.0, (moment - sent).total_seconds())
    except (ValueError, TypeError):
        return None


def _until(second: int, answer: Answer) -> float | None:
    """From the answer's own date until that second of Unix time; the count begins after it. A small number is no
    moment but a number of seconds."""
    if second < 1_000_000_000:
        return float(second)
    try:
        return max(1.0, second - parsedate_to_datetime(answer.headers.get("date", "")).timestamp())
    except (ValueError, TypeError):
        return None


def _wait(answer: Answer, turn: int) -> float:
    named = _named(answer)
    return _PATIENCE[min(turn, len(_PATIENCE) - 1)] if named is None else named
