"""Every route with every role: what is allowed is exactly what the route declares, here and at another shop."""

from __future__ import annotations

from collections.abc import Iterator

import httpx
import pytest
from fastapi.dependencies.models import Dependant
from fastapi.routing import APIRoute
from sqlmodel import Session, select

from disputes import links, store, store_audit, store_people, submission
from disputes.ids import new_id
from disputes.models import Attempt, Dispute, Invitation, Membership, Merchant, SourceConnection
from disputes.phrases import phrase
from disputes.roles import GRANTED, Right, Role, rights_of
from disputes.store_people import Denied
from scheduler import asking, by_hand, respond
from tests.web.desk import Browser, Desk, words
from tests.web.people import browser, member
from tests.web.test_guarding import filled, routes

NOT_YOURS = "Your role in this shop does not allow that"


def at_a_shop(desk: Desk) -> Iterator[tuple[str, APIRoute]]:
    return ((method, route) for method, route in routes(desk) if route.path.startswith("/m/"))


def declared(route: APIRoute) -> set[Right]:
    """What the route says, in its own dependencies or in those they rest on."""
    found: set[Right] = set()

    def walk(dependant: Dependant) -> None:
        if isinstance(right := getattr(dependant.call, "right", None), Right):
            found.add(right)
        for inner in dependant.dependencies:
            walk(inner)

    walk(route.dependant)
    return found


def sent(who: Browser, method: str, path: str) -> httpx.Response:
    return who.get(path) if method == "GET" else who.post(path)


class TestEveryRoute:
    def test_declares_what_it_needs(self, desk: Desk) -> None:
        seen = 0
        for method, route in at_a_shop(desk):
            own = {getattr(each.dependency, "right", None) for each in route.dependencies} - {None}
            assert Right.SEE in declared(route), f"{route.path} asks nothing of who visits"
            assert method == "GET" or own, f"{method} {route.path} changes something and declares no right"
            seen += 1
        assert seen > 60

    def test_allows_each_role_exactly_what_it_declares(self, desk: Desk) -> None:
        shop = desk.shop(desk.person())
        ids = {"slug": shop.slug, **_ids(desk, shop)}
        visitors: dict[tuple[Role, tuple[Right, ...]], Browser] = {
            (role, ()): browser(desk, shop, role) for role in Role
        }
        visitors |= {(Role.AGENT, (right,)): browser(desk, shop, Role.AGENT, rights=[right.value]) for right in GRANTED}
        visitors[Role.VIEWER, GRANTED] = browser(desk, shop, Role.VIEWER, rights=[each.value for each in GRANTED])
        for method, route in at_a_shop(desk):
            for (role, granted), who in visitors.items():
                answer = sent(who, method, filled(route.path, **ids))
                allowed = declared(route) <= rights_of(role, [each.value for each in granted])
                assert (answer.status_code != 403) == allowed, (method, route.path, role, granted, words(answer))
                assert (NOT_YOURS in words(answer)) != allowed, (method, route.path, role, granted)
                assert answer.status_code < 500, (method, route.path, role)

    def test_is_closed_to_strangers_and_to_who_is_signed_out(self, desk: Desk) -> None:
        shop, elsewhere = desk.shop(desk.person()), desk.person()
        desk.shop(elsewhere)
        ids, stranger = {"slug": shop.slug, **_ids(desk, shop)}, desk.signed_in(elsewhere)
        with desk.browser() as outside:
            for method, route in at_a_shop(desk):
                path = filled(route.path, **ids)
                assert sent(stranger, method, path).status_code == 404, path
                assert outside.request(method, path).headers["location"] == links.sign_in(), path

    @pytest.mark.parametrize("role", list(Role))
    def test_finds_nothing_by_another_shops_ids(self, desk: Desk, role: Role) -> None:
        theirs, mine = desk.shop(desk.person(), name="Theirs and nobody's"), desk.shop(desk.person())
        foreign, who = _ids(desk, theirs), browser(desk, mine, role)
        before, walked = _head(desk, theirs), 0
        for method, route in at_a_shop(desk):
            if not any(f"{{{name}}}" in route.path for name in foreign):
                continue
            answer = sent(who, method, filled(route.path, slug=mine.slug, **foreign))
            if answer.status_code == 303:
                answer = who.get(answer.headers["location"])
            # What is typed may be refused before their thing is looked for; never may it be found.
            assert answer.status_code in (403, 404, 422), (method, route.path, answer.status_code)
            assert "Theirs and nobody" not in answer.text
            walked += 1
        assert walked > 40
        assert _head(desk, theirs) == before


def _ids(desk: Desk, shop: Merchant) -> dict[str, str]:
    """One of each thing that paths name, all of this shop."""
    dispute, bystander = desk.case(shop), member(desk, shop, "viewer")
    source = SourceConnection(
        id=new_id("src"), merchant_id=shop.id, system="woocommerce", account_id=new_id("acc"), account_name="Shop",
        settings={}, secret=desk.runtime.vault.seal("{}"), next_poll_at=desk.now, created_at=desk.now,
    )  # fmt: skip
    asked = Invitation(
        token_hash=new_id("hash").ljust(64, "0"), merchant_id=shop.id, email="new@shop.example", role="agent",
        invited_by=bystander.id, created_at=desk.now, expires_at=desk.now,
    )  # fmt: skip
    with desk.runtime.database.writing() as session:
        session.add_all([source, asked])
        current = store.current_round(session, dispute)
        assert current is not None
        current.assessment = {}  # the builder's is only a sketch of one
        session.add(current)
    return {
        "dispute_id": dispute.id,
        "connection_id": dispute.connection_id,
        "source_id": source.id,
        "person_id": bystander.id,
        "invitation": asked.token_hash[:16],
    }


def _head(desk: Desk, shop: Merchant) -> str:
    with desk.runtime.database.reading() as session:
        return store_audit.head_of(session, shop.id)


class TestTheDomain:
    """A page that forgot to ask would be refused all the same."""

    @pytest.mark.parametrize("by", ["viewer", "stranger", "nobody"])
    def test_refuses_the_acts_of_weight(self, desk: Desk, by: str) -> None:
        shop, other = desk.shop(desk.person()), desk.shop()
        at = {"viewer": shop, "stranger": other}
        who = member(desk, at[by], "viewer" if by == "viewer" else "owner").id if by in at else "per_nobody"
        dispute, handed = desk.case(shop), desk.case(shop, gateway="paypal", by_hand=True)
        held = self._held(desk, desk.case(shop))
        runtime, now = desk.runtime, desk.now

        def case(session: Session) -> Dispute:
            return session.get_one(Dispute, dispute.id)

        def attempt(session: Session) -> Attempt:
            return session.get_one(Attempt, held)

        filed = {"response_sha256": "0", "filed_at": now, "proof": None, "note": ""}
        for refused in (
            lambda s: respond.approve(runtime, s, case(s), act="submit", response_sha256="0", by=who),
            lambda s: respond.approve(runtime, s, case(s), act="accept", response_sha256=None, by=who),
            lambda s: asking.ask(runtime, s, case(s), act="accept", given={}, by=who),
            lambda s: submission.cancel(s, attempt(s), by=who, why=phrase("No."), now=now),
            lambda s: submission.settle_unclear(s, attempt(s), filed=True, by=who, now=now),
            lambda s: by_hand.mark_filed(runtime, s, s.get_one(Dispute, handed.id), **filed, by=who),
        ):
            with pytest.raises(Denied), runtime.database.writing() as session:
                refused(session)
        with runtime.database.reading() as session:
            assert session.get_one(Attempt, held).state == "scheduled"

    def _held(self, desk: Desk, dispute: Dispute) -> str:
        with desk.runtime.database.writing() as session:
            row = session.get_one(Dispute, dispute.id)
            current = store.current_round(session, row)
            assert current is not None
            return submission.open_attempt(
                session, row, current, act="submit", response_sha256=current.response_sha256, approved_by="rule",
                rule_version=1, act_at=desk.now, now=desk.now,
            ).id  # fmt: skip

    def test_asks_again_in_the_transaction_that_acts(self, desk: Desk) -> None:
        """A role taken away after the page was let through counts."""
        shop = desk.shop(desk.person())
        manager = member(desk, shop, "manager")
        with desk.runtime.database.writing() as session:
            store_people.demand(session, shop.id, manager.id, Right.APPROVE)
            row = session.exec(select(Membership).where(Membership.person_id == manager.id)).one()
            row.role = "viewer"
            session.add(row)
            session.flush()
            with pytest.raises(Denied):
                store_people.demand(session, shop.id, manager.id, Right.APPROVE)

    def test_lets_the_machine_act_under_its_own_names(self, desk: Desk) -> None:
        with desk.runtime.database.reading() as session:
            for name in store_people.MACHINES:
                store_people.demand(session, "any", name, Right.APPROVE)
