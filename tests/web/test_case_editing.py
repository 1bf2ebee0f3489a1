"""Working on a case over a real server: the letter, the order of the exhibits, what others change meanwhile."""

from __future__ import annotations

import re
from dataclasses import dataclass
from html import unescape

import httpx
import pytest
from sqlmodel import select

from disputes import links, store, store_evidence, store_people
from disputes.models import Dispute, Membership, Merchant, Person, Round
from disputes.ports import Gathered
from evidence.assessment import assess
from evidence.editing import Said
from evidence.letter import LetterEdits
from evidence.what_if import what_if
from scheduler.prepare import claim_of
from tests import builders
from tests.evidence import builders as sale
from tests.web.desk import Browser, Desk, words

QUICK = {"hx-request": "true"}


@dataclass
class At:
    """One person at one case."""

    desk: Desk
    browser: Browser
    merchant: Merchant
    dispute: Dispute
    person: Person

    @property
    def here(self) -> str:
        return links.case(self.merchant.slug, self.dispute.id)

    def page(self) -> httpx.Response:
        return self.browser.get(self.here)

    def post(self, path: str, **form: object) -> httpx.Response:
        return self.browser.post(f"{self.here}/{path}", **form)

    def quickly(self, path: str, **form: object) -> httpx.Response:
        """As a part of the page sends it."""
        return self.browser.client.post(f"{self.here}/{path}", data={"csrf": self.browser.csrf, **form}, headers=QUICK)

    @property
    def round(self) -> Round:
        with self.desk.runtime.database.reading() as session:
            return session.exec(select(Round).where(Round.dispute_id == self.dispute.id)).one()

    @property
    def edits(self) -> LetterEdits:
        return LetterEdits.model_validate(self.round.letter_edits or {})


@pytest.fixture
def at(desk: Desk) -> At:
    """A case with records that carry a letter of several sentences."""
    person = desk.person()
    merchant = desk.shop(person)
    dispute = desk.case(merchant, network="visa", reason_code="13.1", raw_reason="product_not_received")
    with desk.runtime.database.writing() as session:
        row = store.dispute_of(session, merchant.id, dispute.id)
        facts = (sale.payment(), sale.order(), sale.shipment(), sale.message())
        for number, fact in enumerate(facts):
            gathered = Gathered(
                fact=fact,
                data=b"record %d" % number,
                media_type="application/json",
                name=f"record {number}",
                request="GET",
            )
            store_evidence.upsert(
                session, row, gathered, source="shop", source_title="Shop", sha256=f"{number}" * 64, now=desk.now
            )
        items = store_evidence.items_of(session, row.id)
        case = store_evidence.case_file(items, row.order_ref)
        claim = claim_of(row, merchant, unavailable=frozenset(), waived=frozenset(), gateway_title="Stripe")
        judged = assess(claim, case, desk.now)
        judged = judged.model_copy(update={"gains": what_if(claim, case, judged)})
        builders.prepared(session, dispute=row, at=desk.now, assessment=judged.model_dump(mode="json"))
    return At(desk, desk.signed_in(person), merchant, dispute, person)


def joined(at: At, role: str = "owner") -> At:
    """Somebody else at the same case."""
    other = at.desk.person()
    with at.desk.runtime.database.writing() as session:
        store_people.join(session, at.merchant.id, other.id, role)
    return At(at.desk, at.desk.signed_in(other), at.merchant, at.dispute, other)


def seen(page: httpx.Response) -> dict[str, str]:
    """The marks of the letter's form: sentence -> what the page showed of it."""
    return dict(re.findall(r'name="(seen:[^"]+)"[^>]*value="([^"]+)"', page.text))


def sentence(page: httpx.Response, number: int) -> str:
    names = [name.removeprefix("seen:") for name in seen(page) if name != "seen:added"]
    return names[number]


def kept(page: httpx.Response, *without: str) -> dict[str, str]:
    """The form as it stands on the page, with these left out."""
    marks = seen(page)
    ids = [name.removeprefix("seen:") for name in marks if name != "seen:added"]
    return marks | {f"keep:{id}": "yes" for id in ids if id not in without} | {"added": ""}


class TestTheLetter:
    def test_is_left_as_it_is_where_nothing_was_changed(self, at: At) -> None:
        before = len(at.desk.engine.asked)
        assert at.post("letter", **kept(at.page())).status_code == 303
        assert at.edits == LetterEdits()
        assert len(at.desk.engine.asked) == before

    def test_a_sentence_left_out_is_found_again_in_its_place(self, at: At) -> None:
        page = at.page()
        gone = sentence(page, 1)
        at.post("letter", **kept(page, gone))
        assert at.edits.dropped == {gone}
        assert sentence(at.page(), 1) == gone

    def test_saved_quickly_gives_back_what_stands_and_never_the_texts_being_typed(self, at: At) -> None:
        page = at.page()
        answer = at.quickly("letter", **kept(page, sentence(page, 1)))
        assert answer.status_code == 200
        assert "Saved" in words(answer)
        assert "<textarea" not in answer.text
        assert "The answer is being built" in words(answer)
        assert at.desk.engine.asked[-1][0] == "rebuild"

    def test_a_change_can_be_taken_back(self, at: At) -> None:
        page = at.page()
        at.post("letter", **kept(page, sentence(page, 1)))
        assert "Undo the last change" in words(at.page())
        assert at.post("letter/undo", version=at.edits.version).status_code == 303
        assert at.edits.dropped == frozenset()

    def test_an_undo_of_what_somebody_changed_meanwhile_is_refused(self, at: At) -> None:
        page = at.page()
        at.post("letter", **kept(page, sentence(page, 1)))
        old = at.edits.version
        joined(at).post("letter", **kept(at.page(), sentence(page, 1), sentence(page, 2)))
        assert at.post("letter/undo", version=old).status_code == 409
        assert at.edits.dropped == {sentence(page, 1), sentence(page, 2)}

    def test_two_people_at_two_sentences_do_not_overwrite_each_other(self, at: At) -> None:
        page = at.page()
        one, two = sentence(page, 1), sentence(page, 2)
        joined(at).post("letter", **kept(page, one))
        assert at.post("letter", **kept(page), **{f"own:{two}": "Ours."}).status_code == 303
        assert (at.edits.dropped, at.edits.replaced) == ({one}, {two: "Ours."})

    @pytest.mark.parametrize("quickly", [False, True])
    def test_two_people_at_one_sentence_see_both_and_nothing_is_overwritten(self, at: At, quickly: bool) -> None:
        page = at.page()
        one = sentence(page, 1)
        joined(at).post("letter", **kept(page), **{f"own:{one}": "The words of the other."})
        send = at.quickly if quickly else at.post
        answer = send("letter", **kept(page), **{f"own:{one}": "My own words."})
        assert answer.status_code == (200 if quickly else 409)
        assert at.edits.replaced == {one: "The words of the other."}
        for part in ("Somebody else changed the same sentence", "The words of the other.", "My own words."):
            assert part in words(answer)
        # Who has seen both may say that theirs should stand.
        again = send("letter", **kept(answer), **{f"own:{one}": "My own words."})
        assert again.status_code in (200, 303)
        assert at.edits.replaced == {one: "My own words."}

    def test_a_placeholder_is_refused_where_it_was_typed(self, at: At) -> None:
        answer = at.quickly("letter", **kept(at.page()) | {"added": "Sent on <date>."})
        assert at.post("letter", **kept(at.page()) | {"added": "Sent on <date>."}).status_code == 422
        assert "It is not saved yet." in words(answer)
        assert "<date>" in unescape(words(answer)) or "&lt;date&gt;" in answer.text
        assert at.edits == LetterEdits()

    def test_own_words_are_escaped(self, at: At) -> None:
        at.post("letter", **kept(at.page()) | {"added": "<script>alert(1)</script> & more"})
        assert "<script>alert(1)" not in at.page().text


def order(page: httpx.Response) -> list[str]:
    return re.findall(r'data-exhibit="([^"]+)"', page.text)


def order_mark(page: httpx.Response) -> str:
    return re.findall(r'name="seen" value="([^"]+)"', page.text)[0]


class TestTheExhibits:
    def test_are_moved_and_the_packet_is_built_again(self, at: At) -> None:
        page = at.page()
        first, second, *rest = order(page)
        answer = at.post("exhibits", seen=order_mark(page), move=f"down:{first}")
        assert answer.status_code == 303
        assert order(at.page()) == [second, first, *rest]
        assert at.desk.engine.asked[-1][0] == "rebuild"
        assert "Approve and file" not in words(at.page())

    def test_dragged_are_taken_as_a_whole_and_only_these(self, at: At) -> None:
        page = at.page()
        turned = order(page)[::-1]
        assert at.quickly("exhibits", seen=order_mark(page), order=turned).status_code == 200
        assert at.round.exhibit_order == turned
        page = at.page()
        assert at.quickly("exhibits", seen=order_mark(page), order=[*turned, "foreign"]).status_code == 422

    def test_go_back_to_the_order_of_the_desk(self, at: At) -> None:
        page = at.page()
        own = order(page)
        at.post("exhibits", seen=order_mark(page), move=f"down:{own[0]}")
        at.post("exhibits", seen=order_mark(at.page()), own="no")
        assert order(at.page()) == own
        assert at.round.exhibit_order == []

    @pytest.mark.parametrize("quickly", [False, True])
    def test_moved_by_somebody_else_meanwhile_stay_as_they_are(self, at: At, quickly: bool) -> None:
        page = at.page()
        own = order(page)
        joined(at).post("exhibits", seen=order_mark(page), move=f"down:{own[0]}")
        stands = order(at.page())
        answer = (at.quickly if quickly else at.post)("exhibits", seen=order_mark(page), move=f"up:{own[-1]}")
        assert answer.status_code == (200 if quickly else 409)
        assert order(at.page()) == stands

    def test_of_the_letter_follow_the_order(self, at: At) -> None:
        page = at.page()
        assert re.search(r'class="cite">A<', page.text)
        own = order(page)
        at.quickly("exhibits", seen=order_mark(page), order=[*own[1:], own[0]])
        last = chr(ord("A") + len(own) - 1)
        assert re.search(rf'class="cite">{last}<', at.page().text)


def asks(page: httpx.Response) -> str:
    return unescape(page.text.partition('data-ask="')[2].partition('"')[0])


class TestTwoPeople:
    def test_hear_of_each_others_changes_by_name(self, at: At) -> None:
        page, other = at.page(), joined(at)
        assert at.browser.get(asks(page)).status_code == 204
        other.post("letter", **kept(other.page(), sentence(page, 1)))
        answer = at.browser.get(asks(page))
        assert "Ada Moll edited the letter." in words(answer)
        assert "<textarea" not in answer.text

    def test_hear_nothing_of_their_own(self, at: At) -> None:
        page = at.page()
        at.post("letter", **kept(page, sentence(page, 1)))
        assert "edited the letter" not in words(at.browser.get(asks(page)))

    def test_load_the_page_anew_where_it_needs_other_parts(self, at: At) -> None:
        page = at.page()
        at.post("approve", response=at.round.response_sha256)
        assert at.browser.get(asks(page)).headers["hx-refresh"] == "true"


class TestTheChecklist:
    def test_tells_what_each_missing_item_would_change(self, at: At) -> None:
        gains = [each for each in at.round.assessment["gains"] if each["points"]]
        assert gains
        page = words(at.page())
        assert all(f"+{each['points']} points" in page for each in gains)

    def test_names_origin_and_hash_of_what_is_there(self, at: At) -> None:
        page = at.page()
        assert f'title="SHA-256 {"2" * 64}"' in page.text
        assert "Shop" in words(page)


class TestWhatIsClaimed:
    def test_stands_in_plain_words_with_the_code(self, at: At) -> None:
        page = words(at.page())
        assert "The cardholder says that what they paid for never arrived or was never provided." in page
        assert "Visa 13.1" in page


class TestAViewer:
    def test_is_offered_nothing_that_would_be_refused(self, at: At) -> None:
        viewer = joined(at, "viewer")
        page = viewer.page()
        assert page.status_code == 200
        forms = [path for path in re.findall(r'<form[^>]*action="([^"]+)"', page.text) if path.startswith(at.here)]
        assert forms == []
        assert "/approve" not in page.text
        assert "Ready for somebody who may approve" in words(page)

    @pytest.mark.parametrize(
        "path", ["letter", "letter/undo", "exhibits", "gather", "claim", "contradictions", "approve"]
    )
    def test_is_refused_and_changes_nothing(self, at: At, path: str) -> None:
        viewer, before = joined(at, "viewer"), at.round
        assert viewer.post(path, added="Mine.", response=before.response_sha256).status_code == 403
        assert at.round == before

    def test_an_agent_works_on_it_but_does_not_approve(self, at: At) -> None:
        agent = joined(at, "agent")
        assert agent.post("letter", added="We are sorry.").status_code == 303
        assert agent.post("approve", response="0" * 64).status_code == 403

    def test_a_right_that_was_granted_beyond_the_role_counts(self, at: At) -> None:
        agent = joined(at, "agent")
        with at.desk.runtime.database.writing() as session:
            row = session.exec(select(Membership).where(Membership.person_id == agent.person.id)).one()
            row.rights = ["approve"]
            session.add(row)
        assert "Approve and file" in words(agent.page())


def test_what_a_form_did_not_see_is_never_overwritten(at: At) -> None:
    """A form that carries no mark has seen the letter as the desk writes it."""
    joined(at).post("letter", added="Theirs.")
    assert at.post("letter", added="Mine.").status_code == 409
    assert at.edits.added == ("Theirs.",)
    assert Said(own="Theirs.").mark in at.page().text


class TestFromCaseToCase:
    def test_leads_along_the_queue(self, at: At) -> None:
        later = at.desk.case(at.merchant, due_at=at.dispute.due_at.replace(year=at.dispute.due_at.year + 1))
        page = at.page().text
        assert f'href="{links.case(at.merchant.slug, later.id)}" rel="next"' in page
        assert 'rel="prev"' not in page
        back = at.browser.get(links.case(at.merchant.slug, later.id)).text
        assert f'href="{at.here}" rel="prev"' in back
