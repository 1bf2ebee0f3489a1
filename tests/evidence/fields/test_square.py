"""Square's text evidence and the types under which the packet is cut."""

from __future__ import annotations

from disputes.knowledge.square import square_types
from tests.evidence.builders import ago, case, message, shipment
from tests.evidence.fields.answers import answer, by_hand, square


def test_the_rebuttal_states_the_ground_within_five_hundred_characters() -> None:
    _, fields = answer(square(), case(messages=(message(), message(message_id="<m2@x>", at=ago(31)))))
    assert 0 < len(fields["REBUTTAL_EXPLANATION"]) <= 500


def test_the_tracking_number_goes_as_text() -> None:
    _, fields = answer(square(), case(shipments=(shipment(signed_by="E. CARTER"),)))
    assert fields["TRACKING_NUMBER"] == "JD0146000031"


def test_every_exhibit_lies_under_a_type_that_takes_files_and_none_under_one_that_has_text() -> None:
    ctx, fields = answer(square(), case(shipments=(shipment(signed_by="E. CARTER"),)))
    slots = {ctx.front_slot, *(exhibit.slot for exhibit in ctx.exhibits)}
    assert all(square_types()[slot].file for slot in slots)
    assert not slots & set(fields)
    assert "PROOF_OF_DELIVERY_DOCUMENTATION" in slots


def test_a_processor_without_an_api_gets_one_file_and_the_letter_as_text() -> None:
    ctx, fields = answer(by_hand(), case())
    assert {ctx.front_slot, *(exhibit.slot for exhibit in ctx.exhibits)} == {"packet"}
    assert set(fields) == {"letter"}
    assert fields["letter"].startswith("We ask for: ")
