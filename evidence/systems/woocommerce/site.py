"""Calling one WordPress site: WooCommerce's part of its REST API with the key, WordPress's own part without it."""

from __future__ import annotations

import json
from typing import Any

from disputes.addresses import BadAddress, checked
from disputes.phrases import phrase, said_by
from disputes.systems import Outside, SourceError, SourceFailure
from evidence.systems.http import Answer, Http, Params
from evidence.systems.mapping import listed

TITLE = "WooCommerce"
_FORMS = ("wp-json/", "index.php/wp-json/", "")
"""Where the API lies, by the site's permalinks; the last is a plain one, `?rest_route=/`."""
_PERMALINKS = phrase(
    "The shop uses plain permalinks, under which WooCommerce does not accept its own "
    "keys. Choose any other kind in Settings > Permalinks of WordPress, and connect it "
    "again."
)
_NO_KEY = phrase(
    "WooCommerce refuses the key. It has to be one with the permission Read, and the "
    "shop's web server has to pass the Authorization header on to WordPress."
)


class Site:
    """`address`: the shop's, a folder below it included. WordPress takes a WooCommerce key sent to its own routes for
    a wrong password, so it goes to WooCommerce's routes only, in a header and never in the query."""

    def __init__(self, address: str, key: str, secret: str, outside: Outside) -> None:
        self.address = address.strip().rstrip("/").partition("/wp-json")[0]
        self._outside = outside
        self._keyed = Http(TITLE, self.address, outside, auth=(key.strip(), secret.strip()))
        self._open = Http(TITLE, self.address, outside)
        self._form: str | None = None
        self._index: dict[str, Any] = {}
        self._absent: set[str] = set()

    def index(self) -> dict[str, Any]:
        """What the site says of itself; empty where it hides that."""
        self._found()
        return self._index

    def shop(self, route: str, params: Params = None, *, missing: bool = False) -> Answer:
        """A route of WooCommerce or of a plug-in of it, with the key: "wc/v3/orders"."""
        form = self._found()
        try:
            return self._keyed.get(*_asked(form, route, params), missing=missing)
        except SourceError as error:
            if error.failure is not SourceFailure.CREDENTIALS:
                raise
            raise SourceError(error.failure, _NO_KEY if form else _PERMALINKS) from None

    @property
    def files(self) -> Http:
        """For pictures that the shop points at: without the key."""
        return self._open

    def public(self, route: str, params: Params = None) -> Answer:
        """A route of WordPress that every visitor may read: "wp/v2/pages"."""
        return self._open.get(*_asked(self._found(), route, params))

    def optional(self, name: str, route: str, within: str = "") -> list[dict[str, Any]]:
        """A list that only some shops have, or that the key may not see; asked no more in this pull once it is clear
        that there is none. `name`: what all routes of its kind have in common."""
        if name in self._absent:
            return []
        try:
            answer = self.shop(route, {"per_page": 100}, missing=True)
        except SourceError as error:
            if error.failure not in (SourceFailure.RIGHTS, SourceFailure.CREDENTIALS):
                raise
            self._absent.add(name)
            return []
        content = _json(answer)
        if answer.status == 404:
            if not isinstance(content, dict) or content.get("code") == "rest_no_route":
                self._absent.add(name)
            return []
        return listed(content) or (listed(content, within) if within else [])

    # ---- where the API lies ----------------------------------------------------------------------------------------

    def _found(self) -> str:
        if self._form is None:
            try:
                checked(self.address, loopback=self._outside.loopback)
            except BadAddress as error:
                raise SourceError(
                    SourceFailure.REFUSED, phrase("The shop's address is not called. {error}", error=said_by(error))
                ) from None
            self._form = next((form for form in _FORMS if self._answers(form)), None)
        if self._form is None:
            raise SourceError(
                SourceFailure.NOT_FOUND,
                phrase("There is no WordPress under this address, or its REST API is switched off."),
            )
        return self._form

    def _answers(self, form: str) -> bool:
        try:
            answer = self._open.get(
                *_asked(form, "", {"_fields": "name,url,home,timezone_string,namespaces"}), missing=True
            )
        except SourceError as error:
            if error.failure in (SourceFailure.UNAVAILABLE, SourceFailure.RATE_LIMITED):
                raise  # a shop that does not answer now is no address without one
            # Some shops show the index to nobody; that it is refused says that it is there.
            return error.failure in (SourceFailure.CREDENTIALS, SourceFailure.RIGHTS)
        content = _json(answer)
        if answer.status != 404 and isinstance(content, dict) and "namespaces" in content:
            self._index = content
            return True
        return False


def _asked(form: str, route: str, params: Params) -> tuple[str, Params]:
    if form:
        return f"{form}{route}", params
    return "", {"rest_route": f"/{route}", **(params or {})}


def _json(answer: Answer) -> Any:
    """What the answer says, None where it is no JSON: a page "not found" is HTML."""
    try:
        return json.loads(answer.data.decode("utf-8-sig"), parse_float=str)
    except (ValueError, RecursionError):
        return None
