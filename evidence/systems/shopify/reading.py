"""Reading orders whole: what did not fit into the first answer is fetched, and what cannot be had refuses the order."""

from __future__ import annotations

from collections.abc import Collection, Iterable
from typing import Any

from disputes.phrases import phrase
from evidence.systems.mapping import at, listed, required, text
from evidence.systems.shopify import queries
from evidence.systems.shopify.client import TITLE, Graph, Told, TooCostly, Trouble

Content = dict[str, Any]
_ENOUGH = 100
"""Pages of one order's list after which something is wrong."""
_PERSONAL = frozenset(
    {
        "customer",
        "email",
        "phone",
        "clientIp",
        "billingAddress",
        "shippingAddress",
        "image",
        "product",
        "paymentDetails",
        "receiptJson",
    }
)
"""An order without these still says what it says; without its refunds or its payments it would say something untrue."""


class NotWhole(Exception):
    """The order cannot be read whole; the message is a clause for people."""


class Reader:
    """Reads for one pull, with what the key may read."""

    def __init__(self, graph: Graph, scopes: Collection[str]) -> None:
        self._graph, self._scopes = graph, scopes
        self._first = queries.ORDERS_AT_ONCE

    def page(self, query: str, after: str | None) -> Told:
        """One page of orders; fewer at once from there on where Shopify finds them too costly."""
        while True:
            try:
                told = self._graph.ask(
                    queries.orders(self._scopes), {"first": self._first, "after": after, "query": query}
                )
            except TooCostly:
                if self._first == 1:
                    raise
                self._first = max(1, self._first // 2)
                continue
            required(told.data, "orders", TITLE)
            return told

    def whole(self, order: Content, troubles: Iterable[Trouble]) -> tuple[Content, set[str]]:
        """The order with all its lists complete, and what of it may not be read. `troubles`: errors of the page in
        this order, their paths from the order on. Raises NotWhole, and SourceError where nothing works any more."""
        found = tuple(troubles)
        if any(not _bearable(each) for each in found):
            told = self._graph.ask(queries.order(self._scopes), {"id": order.get("id")})
            found = tuple(Trouble(each.path[1:], each.code, each.words) for each in told.troubles)
            if worst := next((each for each in found if not _bearable(each)), None):
                raise NotWhole(phrase("Shopify could not give all of it: {words}", words=worst.words))
            order = _named(told.data, "order")
        order = {**order, "lineItems": self._lines(order)}
        for name in queries.FURTHER:
            order[name] = self._list(order, name)
        if "read_returns" in self._scopes and order.get("returnStatus") not in (None, "NO_RETURN"):
            order["returns"] = self._returns(order)
        return order, {str(each.path[0]) for each in found}

    def _lines(self, order: Content) -> list[Content]:
        found, page = listed(order, "lineItems.nodes"), at(order, "lineItems.pageInfo")
        for _ in range(_ENOUGH):
            if not at(page, "hasNextPage"):
                return found
            more = self._part(queries.more_lines(self._scopes), order, after=at(page, "endCursor"))
            found += listed(more, "lineItems.nodes")
            page = at(more, "lineItems.pageInfo")
        raise NotWhole(phrase("its list of goods does not come to an end"))

    def _list(self, order: Content, name: str) -> list[Content]:
        """A list without pages is known to be whole when it is shorter than what was asked for."""
        outer, more_outer, within, inner, more_inner = queries.FURTHER[name]
        found = listed(order, name)
        if _shorter(found, outer, within, inner):
            return found
        found = listed(self._part(queries.whole_list(name), order), name)
        if _shorter(found, more_outer, within, more_inner):
            return found
        raise NotWhole(
            phrase(
                "it has {count} {name} or more, and Shopify lists no further ones",
                count=more_outer,
                name=name,
            )
        )

    def _returns(self, order: Content) -> list[Content]:
        found: list[Content] = []
        after: str | None = None
        for _ in range(_ENOUGH):
            part = self._part(queries.RETURNS, order, after=after)
            for each in listed(part, "returns.nodes"):
                if at(each, "returnLineItems.pageInfo.hasNextPage") or at(each, "refunds.pageInfo.hasNextPage"):
                    raise NotWhole(
                        phrase("its return {name} is longer than can be read", name=text(each.get("name") or ""))
                    )
                found.append(each)
            if not at(part, "returns.pageInfo.hasNextPage"):
                return found
            after = at(part, "returns.pageInfo.endCursor")
        raise NotWhole(phrase("its list of returns does not come to an end"))

    def _part(self, document: str, order: Content, **variables: Any) -> Content:
        told = self._graph.ask(document, {"id": order.get("id"), **variables})
        denied = [each for each in told.troubles if not _bearable(Trouble(each.path[1:], each.code, each.words))]
        if denied:
            raise NotWhole(phrase("Shopify could not give all of it: {words}", words=denied[0].words))
        return _named(told.data, "order")


def by_order(troubles: Iterable[Trouble]) -> dict[int, list[Trouble]]:
    """Errors of a page by the order they are in: ["orders", "nodes", 3, "customer"] is the customer of the fourth."""
    found: dict[int, list[Trouble]] = {}
    for each in troubles:
        if len(each.path) > 3 and isinstance(each.path[2], int):
            found.setdefault(each.path[2], []).append(Trouble(each.path[3:], each.code, each.words))
    return found


def elsewhere(troubles: Iterable[Trouble]) -> Trouble | None:
    """An error that is in no single order."""
    return next((each for each in troubles if len(each.path) <= 3 or not isinstance(each.path[2], int)), None)


def _bearable(trouble: Trouble) -> bool:
    return trouble.denied and any(step in _PERSONAL for step in trouble.path)


def _shorter(found: list[Content], outer: int, within: str, inner: int) -> bool:
    return len(found) < outer and all(len(_inner(each, within)) < inner for each in found if within)


def _inner(content: Content, within: str) -> list[Any]:
    return listed(content, within) or listed(content, f"{within}.nodes")


def _named(data: Content, name: str) -> Content:
    found = data.get(name)
    if not isinstance(found, dict):
        raise NotWhole(phrase("Shopify does not show it any more"))
    return found
