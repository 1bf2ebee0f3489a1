"""Shopify as a system of orders: its account, and pulling what changed."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from datetime import datetime
from typing import Any

from disputes.phrases import phrase, said_by
from disputes.systems import Batch, Kept, Outside, SourceError, SourceFailure, SystemAccount, SystemKind
from evidence.sources.values import Unreadable
from evidence.systems.as_sold import Goods
from evidence.systems.base import BaseSystem
from evidence.systems.http import Http
from evidence.systems.mapping import at, listed, required, text, utc
from evidence.systems.shopify import policies, queries, rights
from evidence.systems.shopify.client import TITLE, Graph, Told
from evidence.systems.shopify.keeping import kept_of
from evidence.systems.shopify.place import Place, written
from evidence.systems.shopify.reading import Reader

Content = dict[str, Any]


class Shopify(BaseSystem):
    def __init__(self, kind: SystemKind, graph: Graph, http: Http, outside: Outside) -> None:
        self.kind = kind
        self._graph, self._http, self._outside = graph, http, outside

    def account(self) -> SystemAccount:
        shop, handles = self._scope()
        scopes = rights.readable(handles)
        missing = rights.missing(scopes)
        return SystemAccount(
            account_id=str(required(shop, "id", TITLE)).rpartition("/")[2],
            name=text(shop.get("name") or shop.get("myshopifyDomain") or "") or TITLE,
            rights_missing=missing,
            rights_too_many=rights.too_many(handles),
            warnings=rights.warnings(scopes),
        )

    def pull(self, cursor: str | None, *, since: datetime) -> Iterator[Batch]:
        shop, handles = self._scope()
        scopes = rights.readable(handles)
        place = Place.of(cursor, since)
        reader = Reader(self._graph, scopes)
        goods = Goods(self._http, self._outside, TITLE)
        resumed = place.after is not None
        if not resumed:
            place = replace(place, total=self._count(place))
            if "read_legal_policies" in scopes:
                yield self._policies(place, text(shop.get("ianaTimezone") or "") or self._outside.zone)
        while True:
            try:
                told = reader.page(place.query, place.after)
            except SourceError as error:
                if not resumed or error.failure is not SourceFailure.REFUSED:
                    raise
                place, resumed = place.again(), False  # the cursor of a pull that was cut off is too old
                continue
            resumed = False
            nodes = listed(told.data, "orders.nodes")
            after = _next(told, place)
            place = place.onwards(max(map(_changed, nodes), default=place.newest), after, len(nodes))
            records, refused = kept_of(reader, goods, told, nodes)
            yield Batch(tuple(records), place.text, total=place.total, refused=tuple(refused))
            if after is None:
                return

    def _scope(self) -> tuple[Content, list[str]]:
        told = self._graph.ask(queries.SCOPE)
        shop: Content = required(told.data, "shop", TITLE)
        handles = listed(required(told.data, "currentAppInstallation", TITLE), "accessScopes")
        return shop, [str(each["handle"]) for each in handles if each.get("handle")]

    def _count(self, place: Place) -> int | None:
        try:
            told = self._graph.ask(queries.COUNT, {"query": place.query})
        except SourceError as error:
            if error.failure is SourceFailure.REFUSED:
                return None  # only the progress shown rests on it
            raise
        count = at(told.data, "ordersCount.count")
        return count if isinstance(count, int) and at(told.data, "ordersCount.precision") == "EXACT" else None

    def _policies(self, place: Place, zone: str) -> Batch:
        try:
            told = self._graph.ask(queries.POLICIES)
        except SourceError as error:
            if error.failure not in (SourceFailure.RIGHTS, SourceFailure.REFUSED):
                raise
            return Batch(
                (),
                place.text,
                total=place.total,
                refused=(phrase("The policies could not be read. {why}", why=said_by(error)),),
            )
        found: list[Kept] = []
        refused: list[str] = [
            phrase("Some policy could not be read: {words}", words=each.words) for each in told.troubles
        ]
        for each in listed(told.data, "shop.shopPolicies"):
            try:
                record, said = policies.kept(each, told.request, zone)
            except Unreadable as error:
                refused.append(
                    phrase(
                        "Policy {title}: {why}; it was left out.",
                        title=text(each.get("title") or each.get("type") or ""),
                        why=said_by(error),
                    )
                )
                continue
            found += [record] if record else []
            refused += [said] if said else []
        return Batch(tuple(found), place.text, total=place.total, refused=tuple(refused))


def _next(told: Told, place: Place) -> str | None:
    """The next page's cursor, None where this was the last."""
    if not at(told.data, "orders.pageInfo.hasNextPage"):
        return None
    after = at(told.data, "orders.pageInfo.endCursor")
    if not isinstance(after, str) or after == place.after:
        raise SourceError(
            SourceFailure.MALFORMED, phrase("{title}'s list of orders does not come to an end.", title=TITLE)
        )
    return after


def _changed(content: Content) -> str:
    """When the order was last changed; "" where that cannot be read."""
    try:
        return written(utc(content.get("updatedAt")))
    except Unreadable:
        return ""
