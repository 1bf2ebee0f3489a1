"""What stands beside the answer, over a real server: only what is offered now, by a person, with a confirm."""

from __future__ import annotations

from typing import Any

import pytest
from sqlmodel import select

from disputes import links, store
from disputes.acts import GatewayAct, Offered
from disputes.lifecycle import GatewayStatus, WorkState
from disputes.models import Attempt, Dispute, Installation, Merchant, StoredResponse
from disputes.money import Money
from disputes.ports import Capabilities
from disputes.response import Response
from tests.web.desk import Browser, Desk, words

Shop = tuple[Browser, Merchant, Dispute]
OFFERS = (
    Offered(GatewayAct.ACCEPT, {"accept_claim_type": ("REFUND", "PARTIAL_REFUND")}),
    Offered(GatewayAct.MESSAGE),
    Offered(GatewayAct.OFFER, {"offer_type": ("REFUND",)}),
    Offered(GatewayAct.ESCALATE),
    Offered("deny_offer"),
)


def shop(desk: Desk, *, offers: tuple[Offered, ...] = OFFERS, **told: Any) -> Shop:
    person = desk.person()
    merchant = desk.shop(person)
    can = Capabilities(submit=True, accept=True, offers=offers)
    base: dict[str, Any] = {"gateway": "paypal", "capabilities": can, "fields": {"OTHER.notes": "It was delivered."}}
    return desk.signed_in(person), merchant, desk.case(merchant, **base | told)


def attempts(desk: Desk, dispute: Dispute) -> list[Attempt]:
    with desk.runtime.database.reading() as session:
        return list(session.exec(select(Attempt).where(Attempt.dispute_id == dispute.id)))


def sent(desk: Desk, attempt: Attempt) -> Response:
    with desk.runtime.database.reading() as session:
        return Response.model_validate_json(session.get_one(StoredResponse, attempt.response_sha256).canonical)


def here(merchant: Merchant, dispute: Dispute) -> str:
    return links.case(merchant.slug, dispute.id)


class TestTheCase:
    def test_lists_every_act_and_keeps_the_deadline(self, desk: Desk) -> None:
        browser, merchant, dispute = shop(desk)
        page = browser.get(here(merchant, dispute))
        said = words(page)
        assert "What else you can do at PayPal" in said
        for act in ("accept", "message", "offer", "escalate"):
            assert f'href="{here(merchant, dispute)}/acts/{act}"' in page.text
        assert "Deny offer : do this on PayPal's own page." in said.replace("&#39;", "'")
        assert "/acts/deny_offer" not in page.text
        assert "deadline stays" in said
        assert said.count("Moves money") == 2

    def test_lists_nothing_that_is_not_offered_now(self, desk: Desk) -> None:
        browser, merchant, dispute = shop(desk, capabilities=Capabilities(submit=True, accept=False))
        assert "What else you can do" not in words(browser.get(here(merchant, dispute)))

    def test_of_a_key_that_only_reads_leaves_all_of_it_to_the_gateways_page(self, desk: Desk) -> None:
        browser, merchant, dispute = shop(desk, by_hand=True)
        page = browser.get(here(merchant, dispute))
        assert "/acts/" not in page.text
        assert words(page).replace("&#39;", "'").count("do this on PayPal's own page") == len(OFFERS)
        answer = browser.post(f"{here(merchant, dispute)}/acts/message", message="Hello", understood="yes")
        assert answer.status_code == 409
        assert attempts(desk, dispute) == []


class TestTheForm:
    def test_offers_only_what_is_legal_now(self, desk: Desk) -> None:
        browser, merchant, dispute = shop(desk)
        page = browser.get(f"{here(merchant, dispute)}/acts/accept")
        assert 'value="PARTIAL_REFUND"' in page.text
        assert 'value="REFUND_WITH_RETURN"' not in page.text
        assert "This cannot be undone" in words(page)
        assert "refunds the customer from your balance" in words(page)
        assert "At most 189.00 EUR" in words(page)

    def test_says_so_where_it_is_not_offered(self, desk: Desk) -> None:
        browser, merchant, dispute = shop(desk)
        path = f"{here(merchant, dispute)}/acts/acknowledge_return"
        assert "PayPal does not offer this for the case now" in words(browser.get(path))
        assert browser.post(path, acknowledgement_type="ITEM_RECEIVED", understood="yes").status_code == 409
        assert attempts(desk, dispute) == []

    def test_of_an_act_that_is_not_built_leads_to_the_gateways_page(self, desk: Desk) -> None:
        browser, merchant, dispute = shop(desk)
        path = f"{here(merchant, dispute)}/acts/deny_offer"
        page = words(browser.get(path))
        assert "own page" in page
        assert "The deadline stays" in page
        assert browser.post(path, understood="yes").status_code == 409

    @pytest.mark.parametrize("act", ["submit", "appeal", "nonsense"])
    def test_is_not_there_for_the_answer_itself(self, desk: Desk, act: str) -> None:
        browser, merchant, dispute = shop(desk)
        path = f"{here(merchant, dispute)}/acts/{act}"
        assert browser.get(path).status_code == 404
        assert browser.post(path, understood="yes").status_code == 404
        assert attempts(desk, dispute) == []

    def test_without_a_choice_that_is_allowed_leads_to_the_gateways_page(self, desk: Desk) -> None:
        browser, merchant, dispute = shop(desk, offers=(Offered(GatewayAct.OFFER),))
        assert "offers no choice here now" in words(browser.get(f"{here(merchant, dispute)}/acts/offer"))

    def test_is_stopped_by_the_stop_switch(self, desk: Desk) -> None:
        browser, merchant, dispute = shop(desk)
        browser.post(f"{links.settings(merchant.slug)}/filing", to="stop")
        path = f"{here(merchant, dispute)}/acts/message"
        assert "Filing is stopped" in words(browser.get(path))
        assert browser.post(path, message="Hello", understood="yes").status_code == 409
        assert attempts(desk, dispute) == []


class TestAsking:
    def test_a_message_is_journalled_beside_the_answer(self, desk: Desk) -> None:
        browser, merchant, dispute = shop(desk)
        text = "Your parcel lies at the post office.\r\nShall we send it again?"
        answer = browser.post(f"{here(merchant, dispute)}/acts/message", message=text, understood="yes")
        (attempt,) = attempts(desk, dispute)
        assert answer.headers["location"].partition("?")[0].endswith(attempt.id)
        assert (attempt.act, attempt.lane, attempt.state) == ("message", "side", "scheduled")
        assert attempt.approved_by != "rule"
        assert sent(desk, attempt).fields == {"message": text.replace("\r\n", "\n")}
        assert desk.engine.asked[-1][2] == (attempt.id,)
        page = words(browser.get(f"{here(merchant, dispute)}/attempts/{attempt.id}"))
        assert "Message being sent" in page
        assert "Shall we send it again?" in page
        # The answer stands where it stood, and can still be approved.
        assert "Approve and file" in words(browser.get(here(merchant, dispute)))
        assert browser.get(f"{here(merchant, dispute)}/packet").status_code == 200

    def test_an_offer_carries_its_amount_in_the_cases_currency(self, desk: Desk) -> None:
        browser, merchant, dispute = shop(desk, amount=Money(5000, "EUR"))
        form = {"offer_type": "REFUND", "offer_amount": "12,50", "note": "Half of it", "understood": "yes"}
        browser.post(f"{here(merchant, dispute)}/acts/offer", **form)
        (attempt,) = attempts(desk, dispute)
        fields = sent(desk, attempt).fields
        assert fields["offer_amount.value"] == "12.50"
        assert fields["offer_amount.currency_code"] == "EUR"
        page = words(browser.get(f"{here(merchant, dispute)}/attempts/{attempt.id}"))
        assert "12.50 EUR" in page
        assert "the customer sends nothing back" in page

    @pytest.mark.parametrize(
        ("act", "form", "status", "said"),
        [
            ("message", {"message": "Hello"}, 422, "Tick that you have read"),
            ("message", {"message": " ", "understood": "yes"}, 409, "Message is empty"),
            ("message", {"message": "x" * 2001, "understood": "yes"}, 409, "may have 2,000 characters"),
            ("offer", {"offer_type": "EVERYTHING", "note": "a", "understood": "yes"}, 409, "the gateway allows"),
            (
                "offer",
                {"offer_type": "REFUND", "offer_amount": "1e999999", "note": "a", "understood": "yes"},
                409,
                "Type it like",
            ),
            (
                "offer",
                {"offer_type": "REFUND", "offer_amount": "1000", "note": "a", "understood": "yes"},
                409,
                "at most 189.00 EUR",
            ),
            ("accept", {"accept_claim_type": "PARTIAL_REFUND", "understood": "yes"}, 409, "Name an amount"),
        ],
    )
    def test_what_cannot_be_sent_is_shown_again_and_nothing_is_stored(
        self, desk: Desk, act: str, form: dict[str, str], status: int, said: str
    ) -> None:
        browser, merchant, dispute = shop(desk)
        answer = browser.post(f"{here(merchant, dispute)}/acts/{act}", **form)
        assert answer.status_code == status
        assert said in words(answer)
        assert "Nothing was sent" in words(answer)
        for value in form.values():
            assert value in answer.text or not value.strip() or value in ("yes", "EVERYTHING")
        assert attempts(desk, dispute) == []
        with desk.runtime.database.reading() as session:
            stored = [each.canonical for each in session.exec(select(StoredResponse))]
        assert [each for each in stored if dispute.external_id in each and '"act"' in each] == []

    def test_one_at_a_time_and_never_twice(self, desk: Desk) -> None:
        browser, merchant, dispute = shop(desk)
        path = f"{here(merchant, dispute)}/acts/message"
        assert browser.post(path, message="Hello", understood="yes").status_code == 303
        answer = browser.post(path, message="Hello again", understood="yes")
        assert answer.status_code == 409
        assert "Another act on this case is under way" in words(answer)
        assert len(attempts(desk, dispute)) == 1

    def test_in_a_database_that_looks_restored_nothing_goes_out(self, own_desk: Desk) -> None:
        browser, merchant, dispute = shop(own_desk)
        with own_desk.runtime.database.writing() as session:
            row = session.get_one(Installation, 1)
            row.filing_on = False
            session.add(row)
        path = f"{here(merchant, dispute)}/acts/message"
        assert "restored or copied database" in words(browser.get(path))
        assert "Approve and file" not in words(browser.get(here(merchant, dispute)))
        assert browser.post(path, message="Hello", understood="yes").status_code == 409

    def test_what_is_typed_is_escaped_everywhere(self, desk: Desk) -> None:
        browser, merchant, dispute = shop(desk)
        evil = "</textarea><script>alert(1)</script>"
        path = f"{here(merchant, dispute)}/acts/message"
        assert "<script>alert" not in browser.post(path, message=evil).text
        browser.post(path, message=evil, understood="yes")
        (attempt,) = attempts(desk, dispute)
        for page in (here(merchant, dispute), f"{here(merchant, dispute)}/attempts/{attempt.id}"):
            assert "<script>alert" not in browser.get(page).text


class TestWhatCameOfIt:
    def ended(self, desk: Desk, state: str, **more: Any) -> tuple[Shop, Attempt]:
        browser, merchant, dispute = shop(desk)
        browser.post(f"{here(merchant, dispute)}/acts/message", message="Hello", understood="yes")
        with desk.runtime.database.writing() as session:
            attempt = session.exec(select(Attempt).where(Attempt.dispute_id == dispute.id)).one()
            attempt.state, attempt.is_live = state, state == "unclear"
            for name, value in more.items():
                setattr(attempt, name, value)
            session.add(attempt)
        return (browser, merchant, dispute), attempt

    def test_is_shown_with_what_was_sent(self, desk: Desk) -> None:
        (browser, merchant, dispute), attempt = self.ended(
            desk, "filed", result="The message was sent", read_back={"status": "WAITING_FOR_BUYER_RESPONSE"}
        )
        page = words(browser.get(f"{here(merchant, dispute)}/attempts/{attempt.id}"))
        for part in ("Message sent", "What was sent", "Hello", "WAITING_FOR_BUYER_RESPONSE"):
            assert part in page
        assert "What was approved, and what the gateway reads back" not in page
        case = words(browser.get(here(merchant, dispute)))
        assert "Message: Approved" in case
        assert "Approve and file" in case

    @pytest.mark.parametrize(("seen", "state"), [("filed", "filed"), ("not_filed", "rejected")])
    def test_unclear_is_settled_by_a_person_and_leaves_the_answer_alone(
        self, desk: Desk, seen: str, state: str
    ) -> None:
        (browser, merchant, dispute), attempt = self.ended(desk, "unclear")
        case = words(browser.get(here(merchant, dispute)))
        assert "Unclear whether the message was sent" in case
        assert "Look there and say what you saw" in case
        assert "Approve and file" in case
        page = f"{here(merchant, dispute)}/attempts/{attempt.id}"
        assert "It is not there" in words(browser.get(page))
        assert browser.post(f"{page}/settle", seen=seen).status_code == 303
        assert [each.state for each in attempts(desk, dispute)] == [state]
        with desk.runtime.database.reading() as session:
            assert store.dispute_of(session, merchant.id, dispute.id).work is WorkState.AWAITING_APPROVAL
        # The lane is free again.
        assert browser.post(f"{here(merchant, dispute)}/acts/message", message="Again", understood="yes").is_redirect


class TestAppealing:
    def test_is_approved_like_an_answer_and_filed_as_an_appeal(self, desk: Desk) -> None:
        can = Capabilities(submit=True, accept=False, answer_act=GatewayAct.APPEAL)
        browser, merchant, dispute = shop(desk, capabilities=can, previous_outcome=GatewayStatus.LOST)
        path = f"{here(merchant, dispute)}/approve"
        page = browser.get(path)
        assert "Approve and appeal" in words(page)
        shown = page.text.partition('name="response" value="')[2].partition('"')[0]
        assert browser.post(path, response=shown).status_code == 303
        assert [(each.act, each.lane) for each in attempts(desk, dispute)] == [("appeal", "answer")]


class TestApprovingTellsTheGatewaysOwnWay:
    @pytest.mark.parametrize(
        ("gateway", "fields", "told"),
        [
            ("stripe", {"uncategorized_text": "x"}, ["Stripe takes one answer", "of 150,000 characters"]),
            ("paypal", {"OTHER.notes": "x"}, ["One call sends the text and every file", "1 of 2,000 characters"]),
            (
                "square",
                {"REBUTTAL_EXPLANATION": "x"},
                ["takes this case away from your Square Dashboard", "approval comes before anything is uploaded",
                 "1 of 500 characters"],
            ),
        ],
    )  # fmt: skip
    def test_before_it_is_done(self, desk: Desk, gateway: str, fields: dict[str, str], told: list[str]) -> None:
        browser, merchant, dispute = shop(desk, gateway=gateway, fields=fields)
        page = words(browser.get(f"{here(merchant, dispute)}/approve"))
        assert "Filing cannot be taken back." in page
        for part in told:
            assert part in page
