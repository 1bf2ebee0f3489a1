"""The team of a shop: who changes what, what is refused, and what the audit keeps of it."""

from __future__ import annotations

import re

import pytest
from sqlmodel import select

from disputes import links
from disputes.models import AuditEntry, Invitation, Membership, Merchant, OutgoingMail, Person
from disputes.roles import Right, rights_of
from tests.web.desk import PASSWORD, Browser, Desk, words
from tests.web.people import browser, member


class Shop:
    """A shop with an owner at work."""

    def __init__(self, desk: Desk) -> None:
        self.desk, self.person = desk, desk.person()
        self.merchant: Merchant = desk.shop(self.person)
        self.owner: Browser = desk.signed_in(self.person)
        self.team = links.team(self.merchant.slug)

    def membership(self, person: Person) -> Membership | None:
        with self.desk.runtime.database.reading() as session:
            return session.exec(
                select(Membership).where(Membership.person_id == person.id, Membership.merchant_id == self.merchant.id)
            ).first()

    def audit(self) -> list[tuple[str, str]]:
        with self.desk.runtime.database.reading() as session:
            rows = session.exec(
                select(AuditEntry).where(AuditEntry.merchant_id == self.merchant.id).order_by(AuditEntry.seq)  # type: ignore[arg-type]
            )
            return [(each.action, each.actor) for each in rows]

    def invited(self) -> list[Invitation]:
        with self.desk.runtime.database.reading() as session:
            return list(session.exec(select(Invitation).where(Invitation.merchant_id == self.merchant.id)))

    def link(self, email: str = "new@shop.example", role: str = "agent") -> str:
        """An invitation's path, as the owner is shown it where there is no mail server."""
        page = self.owner.post(f"{self.team}/invitations", email=email, role=role)
        found = re.search(r"(/invited/[\w.\-]+)", page.text)
        assert found is not None, words(page)
        return found[1]


@pytest.fixture
def shop(desk: Desk) -> Shop:
    return Shop(desk)


class TestMembers:
    def test_are_shown_to_all_of_them_and_changed_by_owners_alone(self, desk: Desk, shop: Shop) -> None:
        viewer = browser(desk, shop.merchant, "viewer")
        page = viewer.get(shop.team)
        assert page.status_code == 200
        assert "What each role may do" in page.text
        assert "/invitations" not in page.text
        assert "Only an owner changes the team" in words(page)

    def test_get_a_role_and_single_rights_and_the_audit_says_so(self, desk: Desk, shop: Shop) -> None:
        agent = member(desk, shop.merchant, "agent")
        answer = shop.owner.client.post(
            f"{shop.team}/{agent.id}",
            data={"csrf": shop.owner.csrf, "role": "agent", "right": ["approve", "connect", "team", "erase"]},
        )
        assert answer.status_code == 303
        found = shop.membership(agent)
        assert found is not None
        assert found.rights == ["approve", "connect"], "what may not be granted is not"
        assert rights_of(found.role, found.rights) >= {Right.APPROVE, Right.CONNECT}
        assert shop.audit() == [("member_changed", shop.person.id)]

    def test_change_at_once_in_sessions_that_are_open(self, desk: Desk, shop: Shop) -> None:
        manager = member(desk, shop.merchant, "manager")
        theirs = desk.signed_in(manager)
        assert theirs.post(f"{links.settings(shop.merchant.slug)}/filing", to="go").status_code == 303
        shop.owner.post(f"{shop.team}/{manager.id}", role="viewer")
        assert theirs.post(f"{links.settings(shop.merchant.slug)}/filing", to="go").status_code == 403
        shop.owner.post(f"{shop.team}/{manager.id}/remove")
        assert theirs.get(shop.team).status_code in (303, 404)

    def test_taken_out_are_gone_from_here_and_stay_elsewhere(self, desk: Desk, shop: Shop) -> None:
        agent = member(desk, shop.merchant, "agent")
        other = desk.shop(agent)
        theirs = desk.signed_in(agent)
        assert "sees nothing of this shop any more" in words(shop.owner.get(f"{shop.team}/{agent.id}/remove"))
        shop.owner.post(f"{shop.team}/{agent.id}/remove")
        assert theirs.get(links.queue(shop.merchant.slug)).status_code == 404
        assert theirs.get(links.queue(other.slug)).status_code == 200

    def test_who_belongs_to_no_shop_any_more_is_signed_out(self, desk: Desk, shop: Shop) -> None:
        agent = member(desk, shop.merchant, "agent")
        theirs = desk.signed_in(agent)
        shop.owner.post(f"{shop.team}/{agent.id}/remove")
        assert theirs.get("/account").headers["location"] == links.sign_in()

    @pytest.mark.parametrize("how", ["role", "remove"])
    def test_the_last_owner_stays(self, desk: Desk, shop: Shop, how: str) -> None:
        here = f"{shop.team}/{shop.person.id}"
        answer = shop.owner.post(here, role="manager") if how == "role" else shop.owner.post(f"{here}/remove")
        assert answer.status_code == 403
        assert "last owner" in words(answer)
        member(desk, shop.merchant, "owner")
        answer = shop.owner.post(here, role="manager") if how == "role" else shop.owner.post(f"{here}/remove")
        assert answer.status_code == 303

    def test_nobody_below_an_owner_changes_anybody(self, desk: Desk, shop: Shop) -> None:
        manager = member(desk, shop.merchant, "manager", rights=["connect"])
        theirs = desk.signed_in(manager)
        assert theirs.post(f"{shop.team}/{manager.id}", role="owner").status_code == 403
        assert theirs.post(f"{shop.team}/{shop.person.id}/remove").status_code == 403
        assert theirs.post(f"{shop.team}/invitations", email="x@shop.example", role="owner").status_code == 403
        assert shop.audit() == []

    def test_says_who_is_guarded_and_when_they_were_seen(self, desk: Desk, shop: Shop) -> None:
        page = words(shop.owner.get(shop.team))
        assert "Second factor off" in page
        assert "Last seen" in page


class TestInvitations:
    def test_let_somebody_new_in_with_the_role_they_were_given(self, desk: Desk, shop: Shop) -> None:
        link = shop.link("New@Shop.Example", "manager")
        with desk.browser(follow_redirects=True) as client:
            assert "invited as Manager" in words(client.get(link))
            joined = client.post(link, data={"name": "Grace", "password": PASSWORD})
            assert "You have joined" in words(joined)
            client.post("/sign-in", data={"email": "new@shop.example", "password": PASSWORD})
            assert client.get(links.queue(shop.merchant.slug)).status_code == 200
        with desk.runtime.database.reading() as session:
            grace = session.exec(select(Person).where(Person.email == "new@shop.example")).one()
        found = shop.membership(grace)
        assert found is not None
        assert (found.role, found.rights) == ("manager", [])
        assert found.joined_at is not None
        assert shop.audit() == [("invited", shop.person.id), ("joined", grace.id)]

    def test_let_an_account_in_that_is_there_and_sign_nobody_in(self, desk: Desk, shop: Shop) -> None:
        person = desk.person()
        desk.shop(person)
        link = shop.link(person.email)
        with desk.browser() as client:
            assert "has an account at this desk" in words(client.get(link))
            assert (
                client.post(link, data={"password": "something else entirely"})
                .headers["location"]
                .startswith("/sign-in")
            )
            assert "counterproof" not in client.cookies
        assert shop.membership(person) is not None
        with desk.runtime.database.reading() as session:
            assert session.get_one(Person, person.id).password_hash == person.password_hash

    def test_work_once(self, desk: Desk, shop: Shop) -> None:
        link = shop.link("once@shop.example")
        with desk.browser() as client:
            client.post(link, data={"name": "Once", "password": PASSWORD})
            for answer in (client.get(link), client.post(link, data={"name": "Twice", "password": PASSWORD})):
                assert answer.status_code == 404
                assert "does not work any more" in words(answer)

    def test_say_what_cannot_be_used_and_work_still(self, desk: Desk, shop: Shop) -> None:
        link = shop.link("picky@shop.example")
        with desk.browser() as client:
            assert "name is missing" in words(client.post(link, data={"password": PASSWORD}))
            assert "at least 12" in words(client.post(link, data={"name": "Picky", "password": "short"}))
            assert client.post(link, data={"name": "Picky", "password": PASSWORD}).status_code == 303

    def test_end_when_withdrawn_replaced_or_too_old(self, desk: Desk, shop: Shop) -> None:
        withdrawn = shop.link("one@shop.example")
        shop.owner.post(f"{shop.team}/invitations/{shop.invited()[0].token_hash[:16]}/withdraw")
        first, second = shop.link("two@shop.example"), shop.link("two@shop.example")
        old = shop.link("old@shop.example")
        with desk.runtime.database.writing() as session:
            row = session.exec(select(Invitation).where(Invitation.email == "old@shop.example")).one()
            row.expires_at = desk.now
            session.add(row)
        with desk.browser() as client:
            assert [client.get(each).status_code for each in (withdrawn, first, second, old)] == [404, 404, 200, 404]
        assert "Expired" in words(shop.owner.get(shop.team)), "it still stands there, to be sent again"
        assert ("invitation_withdrawn", shop.person.id) in shop.audit()

    def test_end_with_the_rights_of_who_invited(self, desk: Desk, shop: Shop) -> None:
        link = shop.link("late@shop.example")
        successor = browser(desk, shop.merchant, "owner")
        successor.post(f"{shop.team}/{shop.person.id}", role="manager")
        with desk.browser() as client:
            assert client.post(link, data={"name": "Late", "password": PASSWORD}).status_code == 404
        with desk.runtime.database.reading() as session:
            assert session.exec(select(Person).where(Person.email == "late@shop.example")).first() is None

    def test_made_up_ones_never_ask_the_database(self, desk: Desk, shop: Shop, monkeypatch: pytest.MonkeyPatch) -> None:
        link = shop.link("real@shop.example")
        monkeypatch.setattr("disputes.store_team.opened", None)
        with desk.browser() as client:
            for made_up in ("/invited/guess", f"{link}x", link.replace(".", "x.", 1), "/invited/a.b.c"):
                assert client.get(made_up).status_code == 404, made_up
                assert client.post(made_up).status_code == 404, made_up
            assert client.get(link).status_code == 500, "the real one would have asked"

    def test_are_kept_as_hashes_only(self, shop: Shop) -> None:
        token = shop.link("hashed@shop.example").rpartition("/")[2]
        (stored,) = shop.invited()
        assert token not in stored.model_dump_json()

    def test_go_out_by_mail_where_there_is_a_server_and_are_then_not_shown(self, own_desk: Desk) -> None:
        shop = Shop(own_desk)
        own_desk.settings.smtp_host = "mail.example"
        answer = shop.owner.post(f"{shop.team}/invitations", email="far@shop.example", role="viewer")
        assert answer.headers["location"].endswith("note=invited#invited")
        with own_desk.runtime.database.reading() as session:
            (mail,) = session.exec(select(OutgoingMail)).all()
        assert mail.recipient == "far@shop.example"
        assert "/invited/" in mail.text
        assert "/invited/" in mail.html
        assert f"{shop.person.name} invites you" in mail.subject

    def test_are_refused_for_who_is_in_the_team_and_for_what_is_no_address(self, desk: Desk, shop: Shop) -> None:
        for email in (shop.person.email, "no address", "a@b.example\nBcc: c@d.example"):
            assert shop.owner.post(f"{shop.team}/invitations", email=email, role="agent").status_code == 422
        assert shop.owner.post(f"{shop.team}/invitations", email="a@b.example", role="god").status_code == 422
        assert shop.invited() == []

    def test_are_bounded_a_day(self, desk: Desk, shop: Shop) -> None:
        for _ in range(5):
            shop.link("same@shop.example")
        answer = shop.owner.post(f"{shop.team}/invitations", email="same@shop.example", role="agent")
        assert answer.status_code == 422
        assert "Too many invitations" in words(answer)
