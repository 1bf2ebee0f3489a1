"""Policies over a real server: entered, read, withdrawn, quoted; and how a version reaches a case as evidence."""

from __future__ import annotations

import io
from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest
from sqlmodel import select
from weasyprint import HTML

from disputes import links, store_people, store_policies
from disputes.facts import Payment, Policy
from disputes.models import EvidenceItem, Merchant, PolicyVersion, SourceConnection, SourceRecord
from disputes.money import Money
from disputes.ports import Wanted
from scheduler import gather
from tests.web.desk import Browser, Desk, words
from web.sources import Wiring

SHORT = "You may return goods within 30 days of delivery for a full refund. We pay the postage."
LONG = "\n".join(
    [
        "About us",
        *["We are a family business that sells lamps and shades from its own workshop by the sea." for _ in range(20)],
        "Returns",
        "You may return an unused lamp within thirty days of its delivery, and we refund what you paid for it.",
        "Careers",
        "Now and then we look for people who like lamps as much as we do; write to us at any time you like.",
    ]
)


def shop(desk: Desk, **changes: Any) -> tuple[Browser, Merchant]:
    person = desk.person()
    merchant = desk.shop(person, zone="UTC", **changes)
    return desk.signed_in(person), merchant


def enter(browser: Browser, merchant: Merchant, *, text: str = SHORT, files: Any = None, **form: str) -> Any:
    told = {"kind": "return", "in_force_from": "2026-01-01", "shown_where": "Linked beside the pay button"} | form
    return browser.post(links.policies(merchant.slug), files=files, text="" if files else text, **told)


def kept(desk: Desk, merchant: Merchant) -> list[PolicyVersion]:
    with desk.runtime.database.reading() as session:
        return list(store_policies.entered(session, merchant.id, withdrawn=True))


class TestEntering:
    def test_what_is_pasted_is_kept_with_its_day_and_place(self, desk: Desk) -> None:
        browser, merchant = shop(desk)
        assert enter(browser, merchant).status_code == 303
        (version,) = kept(desk, merchant)
        assert (version.title, version.in_force_from, version.shown_where) == (
            "Return policy",
            date(2026, 1, 1),
            "Linked beside the pay button",
        )
        assert desk.runtime.files.get(merchant.id, version.sha256) == SHORT.encode()
        page = words(browser.get(links.policies(merchant.slug)))
        assert "Entered here" in page
        assert "In force now" in page

    @pytest.mark.parametrize(
        ("name", "data", "media_type"),
        [
            ("returns.txt", SHORT.encode(), "text/plain"),
            ("returns.md", f"# Returns\n\n**{SHORT}** See [here](https://shop.example)".encode(), "text/plain"),
            (
                "returns.html",
                f"<html><nav>Home</nav><main><h1>Returns</h1><p>{SHORT}</p><script>evil()</script></main>".encode(),
                "text/html",
            ),
            ("returns.pdf", HTML(string=f"<p>{SHORT}</p>").write_pdf(), "application/pdf"),
        ],
    )
    def test_each_kind_of_file_is_read_into_its_words(
        self, desk: Desk, name: str, data: bytes, media_type: str
    ) -> None:
        browser, merchant = shop(desk)
        answer = enter(browser, merchant, files={"file": (name, io.BytesIO(data))})
        assert answer.status_code == 303, words(answer)
        (version,) = kept(desk, merchant)
        assert version.media_type == media_type
        assert SHORT in " ".join(version.text.split())
        assert not any(sign in version.text for sign in ("**", "# ", "](", "<", "evil", "Home"))

    def test_card_numbers_are_masked_before_anything_is_stored(self, desk: Desk) -> None:
        browser, merchant = shop(desk)
        enter(browser, merchant, text=f"{SHORT} Example: 4242 4242 4242 4242.")
        (version,) = kept(desk, merchant)
        assert "4242 4242" not in version.text
        assert b"4242 4242" not in desk.runtime.files.get(merchant.id, version.sha256)

    @pytest.mark.parametrize(
        ("form", "told"),
        [
            ({"kind": "cookies"}, "Choose what the policy is about"),
            ({"in_force_from": "soon"}, "Say since which day"),
            ({"in_force_from": "2036-01-01"}, "too far ahead"),
            ({"text": "Ask us."}, "says too little"),
            ({"text": "Returns are taken within [number of days] days of the delivery."}, "still to be filled in"),
            ({"text": ""}, "Paste the words of the policy, or choose its file"),
            ({"title": "<script>", "text": "no"}, "says too little"),
        ],
    )
    def test_what_cannot_be_used_is_told_and_typed_words_are_kept(
        self, desk: Desk, form: dict[str, str], told: str
    ) -> None:
        browser, merchant = shop(desk)
        answer = enter(browser, merchant, **form)
        assert answer.status_code == 422
        assert told in words(answer)
        assert "Nothing was stored" in words(answer)
        assert "Linked beside the pay button" in answer.text
        assert "<script>" not in answer.text
        assert kept(desk, merchant) == []

    @pytest.mark.parametrize(
        ("name", "data", "told"),
        [
            ("scan.png", b"\x89PNG\r\n\x1a\n" + b"\0" * 40, "is a picture"),
            ("returns.docx", b"PK\x03\x04", "is no text, Markdown, web page or PDF"),
            ("empty.txt", b"", "is empty"),
            ("scan.pdf", HTML(string="<p></p>").write_pdf(), "says next to nothing"),
        ],
    )
    def test_files_that_cannot_be_quoted_are_refused_with_what_to_do(
        self, desk: Desk, name: str, data: bytes, told: str
    ) -> None:
        browser, merchant = shop(desk)
        answer = enter(browser, merchant, files={"file": (name, io.BytesIO(data))})
        assert answer.status_code == 422
        assert told in words(answer)

    def test_the_same_policy_of_the_same_day_is_not_kept_twice(self, desk: Desk) -> None:
        browser, merchant = shop(desk)
        enter(browser, merchant)
        assert "already" in words(enter(browser, merchant, text=SHORT + " Or not."))
        assert len(kept(desk, merchant)) == 1

    def test_an_agent_reads_and_enters_nothing(self, desk: Desk) -> None:
        person = desk.person()
        merchant = desk.shop()
        with desk.runtime.database.writing() as session:
            store_people.join(session, merchant.id, person.id, "agent")
        browser = desk.signed_in(person)
        assert browser.get(links.policies(merchant.slug)).status_code == 200
        assert enter(browser, merchant).status_code == 403


class TestReading:
    def test_a_newer_version_ends_the_one_before_it(self, desk: Desk) -> None:
        browser, merchant = shop(desk)
        enter(browser, merchant)
        enter(browser, merchant, in_force_from="2026-06-01", text=SHORT.replace("30", "14"))
        page = words(browser.get(links.policies(merchant.slug)))
        assert "1 Jan 2026 to 31 May 2026" in page
        assert "since 1 Jun 2026" in page

    def test_the_whole_text_its_hash_and_its_file(self, desk: Desk) -> None:
        browser, merchant = shop(desk)
        enter(browser, merchant, text=SHORT + " <b>Bold</b>")
        (version,) = kept(desk, merchant)
        path = f"{links.policies(merchant.slug)}/{version.id}"
        page = browser.get(path)
        assert "&lt;b&gt;Bold" in page.text
        assert version.sha256 in page.text
        file = browser.get(f"{path}/file")
        assert file.headers["content-disposition"].startswith("attachment")
        assert file.content == (SHORT + " <b>Bold</b>").encode()

    def test_what_a_source_told_stands_beside_it_and_cannot_be_withdrawn(self, desk: Desk) -> None:
        browser, merchant = shop(desk)
        told_by_source(desk, merchant, Policy(kind="return", title="Refund policy", text=SHORT, in_force_from=DAY))
        page = browser.get(links.policies(merchant.slug))
        assert "Lumen" in page.text
        shown = browser.get(f"{links.policies(merchant.slug)}/rec_{merchant.id}-0")
        assert "30 days of delivery" in words(shown)
        assert "Withdraw this version" not in shown.text
        assert browser.post(f"{links.policies(merchant.slug)}/rec_{merchant.id}-0/withdraw").status_code == 404

    def test_nothing_of_another_shop(self, desk: Desk) -> None:
        browser, merchant = shop(desk)
        theirs, other = shop(desk)
        enter(theirs, other)
        (version,) = kept(desk, other)
        for path in (f"/{version.id}", f"/{version.id}/file"):
            assert browser.get(links.policies(merchant.slug) + path).status_code == 404
        assert browser.post(f"{links.policies(merchant.slug)}/{version.id}/withdraw").status_code == 404


DAY = date(2026, 2, 1)


def told_by_source(desk: Desk, merchant: Merchant, policy: Policy) -> None:
    with desk.runtime.database.writing() as session:
        source = SourceConnection(
            id=f"src_{merchant.id}", merchant_id=merchant.id, system="shopify", account_id=merchant.id,
            account_name="Lumen", secret="", created_at=desk.now,
        )  # fmt: skip
        session.add(source)
        session.flush()
        session.add(
            SourceRecord(
                id=f"rec_{merchant.id}", merchant_id=merchant.id, source_id=source.id, kind="policy",
                external_id="p", facts=[{"type": "policy", "fact": policy.model_dump(mode="json")}], name="p.html",
                media_type="text/html", sha256="ab" * 32, size=1, adapter="shopify/1", taken_at=desk.now,
            )
        )  # fmt: skip


class TestQuoting:
    def clause(self, browser: Browser, merchant: Merchant, **query: str) -> Any:
        return browser.get(f"{links.policies(merchant.slug)}/clause", params=query)

    def test_the_clause_that_matters_is_marked(self, desk: Desk) -> None:
        browser, merchant = shop(desk)
        assert enter(browser, merchant, text=LONG).status_code == 303
        page = self.clause(browser, merchant, claim="not_as_described", day="2026-03-01").text
        assert "<mark>You may return an unused lamp" in page
        assert "<mark>Now and then we look for people" not in page
        assert "Now and then we look for people" in page

    def test_the_version_of_the_day_is_chosen(self, desk: Desk) -> None:
        browser, merchant = shop(desk)
        enter(browser, merchant)
        enter(browser, merchant, in_force_from="2026-06-01", text=SHORT.replace("30", "14"))
        claim = "credit_not_processed"
        assert "within 30 days" in words(self.clause(browser, merchant, claim=claim, day="2026-05-31"))
        assert "within 14 days" in words(self.clause(browser, merchant, claim=claim, day="2026-06-01"))
        assert "No policy was in force" in words(self.clause(browser, merchant, claim=claim, day="2025-12-31"))

    def test_a_policy_the_claim_does_not_ask_for_is_told_to_be_left_out(self, desk: Desk) -> None:
        browser, merchant = shop(desk)
        enter(browser, merchant)
        page = self.clause(browser, merchant, claim="fraudulent", day="2026-03-01")
        assert "This claim does not ask for it" in words(page)
        assert "<mark>" not in page.text

    def test_one_that_is_not_english_is_told_not_to_be_shown(self, desk: Desk) -> None:
        browser, merchant = shop(desk)
        turkish = "Bir ürün size geldi ama iade için siz bize kargo ile 14 gün daha var gibi lütfen."
        enter(browser, merchant, text=turkish)
        assert "not in English" in words(self.clause(browser, merchant, claim="credit_not_processed"))

    def test_a_missing_place_is_told_where_the_claim_asks_for_it(self, desk: Desk) -> None:
        browser, merchant = shop(desk)
        enter(browser, merchant, shown_where="")
        page = words(self.clause(browser, merchant, claim="credit_not_processed", day="2026-03-01"))
        assert "Nobody said where customers saw it before paying" in page

    @pytest.mark.parametrize("wrong", [{"claim": "boredom"}, {"day": "soon"}, {"day": "1880-01-01"}])
    def test_what_cannot_be_used_is_told(self, desk: Desk, wrong: dict[str, str]) -> None:
        browser, merchant = shop(desk)
        assert self.clause(browser, merchant, **wrong).status_code == 422


class TestReachingCases:
    def wanted(self, paid_at: datetime) -> Wanted:
        return Wanted(None, "LL-1", None, None, paid_at, Money(18900, "EUR"))

    def source(self, desk: Desk, merchant: Merchant) -> Any:
        runtime = desk.runtime
        wiring = Wiring(runtime.data, runtime.database, runtime.vault, runtime.files, runtime.clock)
        return next((each for each in wiring.sources_for(merchant) if each.name == store_policies.SOURCE), None)

    def test_the_version_in_force_when_the_customer_bought_is_brought(self, desk: Desk) -> None:
        browser, merchant = shop(desk)
        enter(browser, merchant)
        enter(browser, merchant, in_force_from="2026-06-01", text=SHORT.replace("30", "14"))
        source = self.source(desk, merchant)
        for day, said in ((datetime(2026, 5, 31, 23, 0, tzinfo=UTC), "30"), (datetime(2026, 6, 1, tzinfo=UTC), "14")):
            (item,) = source.gather(self.wanted(day)).items
            assert f"within {said} days" in item.fact.text
            assert item.data == item.fact.text.encode()
        assert source.gather(self.wanted(datetime(2025, 6, 1, tzinfo=UTC))).items == ()

    def test_two_policies_of_a_kind_stand_beside_each_other(self, desk: Desk) -> None:
        browser, merchant = shop(desk)
        enter(browser, merchant)
        enter(browser, merchant, title="Returns of furniture", text=SHORT.replace("30", "60"))
        found = self.source(desk, merchant).gather(self.wanted(datetime(2026, 5, 1, tzinfo=UTC))).items
        assert sorted(each.fact.title for each in found) == ["Return policy", "Returns of furniture"]

    def test_a_withdrawn_version_is_brought_to_no_case(self, desk: Desk) -> None:
        browser, merchant = shop(desk)
        enter(browser, merchant)
        (version,) = kept(desk, merchant)
        assert self.source(desk, merchant) is not None
        assert browser.post(f"{links.policies(merchant.slug)}/{version.id}/withdraw").status_code == 303
        assert self.source(desk, merchant) is None
        assert "Withdrawn" in words(browser.get(links.policies(merchant.slug)))
        assert "30 days" in words(browser.get(f"{links.policies(merchant.slug)}/{version.id}"))

    def test_it_lies_on_the_case_as_evidence_with_its_hash(self, desk: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
        browser, merchant = shop(desk)
        enter(browser, merchant)
        case = desk.case(merchant, order_ref="LL-1")
        bought = desk.now - timedelta(days=30)

        class Till:
            name, title = "stripe", "Stripe"

            def dispute(self, _external_id: str) -> Any:
                from tests import builders

                return builders.snapshot(external_id=case.external_id, order_ref="LL-1")

            def payment(self, _snapshot: Any) -> tuple[Payment, bytes]:
                return Payment(payment_id="ch_1", amount=Money(18900, "EUR"), paid_at=bought), b"{}"

            def records(self, _snapshot: Any) -> tuple[()]:
                return ()

        monkeypatch.setattr(desk.runtime, "gateway_for", lambda _connection: Till())
        with desk.runtime.database.reading() as session:
            from disputes.models import Connection

            connection = session.get_one(Connection, case.connection_id)
        gather.gather(desk.runtime, case, connection, merchant)
        (version,) = kept(desk, merchant)
        with desk.runtime.database.reading() as session:
            (item,) = session.exec(
                select(EvidenceItem).where(EvidenceItem.dispute_id == case.id, EvidenceItem.fact_type == "policy")
            ).all()
        assert (item.source, item.source_title, item.sha256) == ("policies", "Shop policies", version.sha256)
        assert item.fact["shown_where"] == "Linked beside the pay button"
        shown = words(browser.get(f"{links.policies(merchant.slug)}/{version.id}"))
        assert "Open cases it lies on LL-1" in shown
