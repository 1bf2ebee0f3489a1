"""Shopify's text fields and the slots under which the packet is cut, through the door of plug-ins."""

from __future__ import annotations

import pytest

from disputes.gateway_kinds import gateway_kind
from evidence.answer import AnswerRefused, TooLong
from evidence.claim import Claim
from tests.evidence.builders import ago, case, claim, message, order, shipment
from tests.evidence.fields.answers import answer


def shopify(**changes: object) -> Claim:
    base = {
        "external_id": "10519937081", "gateway": "shopify_payments", "gateway_title": "Shopify Payments",
        "network": "visa", "reason_code": "13.1", "raw_reason": "PRODUCT_NOT_RECEIVED",
    }  # fmt: skip
    return claim(**base | changes)


def test_the_whole_letter_goes_as_text() -> None:
    _, fields = answer(shopify(), case(shipments=(shipment(signed_by="E. CARTER"),), messages=(message(),)))
    assert fields["uncategorizedText"].startswith("We ask for: ")
    assert "(Exhibit" in fields["uncategorizedText"]


def test_the_customer_stays_as_shopify_took_them_from_the_order() -> None:
    _, fields = answer(shopify(), case(shipments=(shipment(signed_by="E. CARTER"),)))
    assert not {name for name in fields if name.startswith("customer")}


def test_the_carriers_record_lies_in_its_own_slot_and_the_rest_at_the_front() -> None:
    ctx, _ = answer(shopify(), case(shipments=(shipment(signed_by="E. CARTER"),), messages=(message(at=ago(31)),)))
    slots = {exhibit.key: exhibit.slot for exhibit in ctx.exhibits}
    assert ctx.front_slot == "uncategorizedFile"
    assert slots["tracking"] == "shippingDocumentationFile"
    assert slots["order"] == slots["payment"] == "uncategorizedFile"


def test_a_letter_that_is_too_long_is_refused_and_never_cut(monkeypatch: pytest.MonkeyPatch) -> None:
    from disputes import knowledge
    from evidence import fields as room

    monkeypatch.setattr(room, "text_limits", lambda _gateway: knowledge.TextLimits(long=10, other=10, total=10))
    with pytest.raises(TooLong):
        answer(shopify(), case())


def test_what_a_plug_in_cannot_file_is_refused_in_its_words(monkeypatch: pytest.MonkeyPatch) -> None:
    from dataclasses import replace

    from evidence import fields as room

    def refusing(_view: object) -> dict[str, str]:
        raise ValueError("Add the carrier first.")

    known = gateway_kind("shopify_payments")
    assert known is not None
    monkeypatch.setattr(room, "gateway_kind", lambda _name: replace(known, fields=refusing))
    with pytest.raises(AnswerRefused, match="Add the carrier first"):
        answer(shopify(), case())


def test_the_view_of_an_answer_shows_what_the_packet_shows(monkeypatch: pytest.MonkeyPatch) -> None:
    from dataclasses import replace

    from disputes.gateway_kinds import AnswerView
    from evidence import fields as room

    seen: list[AnswerView] = []

    def noting(view: AnswerView) -> dict[str, str]:
        seen.append(view)
        return {"uncategorizedText": view.fitting(300)}

    known = gateway_kind("shopify_payments")
    assert known is not None
    monkeypatch.setattr(room, "gateway_kind", lambda _name: replace(known, fields=noting))
    ctx, fields = answer(shopify(), case(orders=(order(),), shipments=(shipment(signed_by="E. CARTER"),)))
    (view,) = seen
    assert (view.category, view.product_type, view.reason) == ("not_received", "physical", "PRODUCT_NOT_RECEIVED")
    assert [each.key for each in view.exhibits] == [each.key for each in ctx.exhibits]
    assert view.exhibits[0].letter == "A"
    assert [each.tracking_number for each in view.parcels] == ["JD0146000031"]
    assert view.goods
    assert view.activity == "", "nothing is claimed that no exhibit shows"
    assert len(fields["uncategorizedText"]) <= 300 or fields["uncategorizedText"] == ctx.ground
