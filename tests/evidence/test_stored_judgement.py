"""A judgement is stored with what its sentences are made of, and one that was stored as plain text is still read."""

from __future__ import annotations

from typing import Any

import pytest

from evidence.assessment import Assessment
from templates import language
from tests.evidence.builders import ago, case, claim, judged, order, ours, payment, shipment


def plain(told: Any) -> Any:
    """As it was stored before sentences remembered anything: their English text."""
    if isinstance(told, dict) and set(told) <= {"say", "with"} and "say" in told:
        values = {name: plain(each) for name, each in told.get("with", {}).items()}
        return told["say"].format(**values) if values else told["say"]
    if isinstance(told, dict):
        return {name: plain(each) for name, each in told.items()}
    return [plain(each) for each in told] if isinstance(told, list) else told


def judgement() -> Assessment:
    late = shipment(delivered_at=ago(1))
    mails = (ours("We will refund you the full amount today."),)
    return judged(claim(), case(orders=(order(),), payment=payment(), shipments=(late,), messages=mails))


def test_every_sentence_comes_back_with_its_values() -> None:
    before = judgement()
    after = Assessment.model_validate(before.model_dump(mode="json"))
    assert after == before
    assert [each.template for each in after.reasons] == [each.template for each in before.reasons]
    assert all(each.template for each in (*after.reasons, *after.person_required, after.expected_value.words))


def test_a_judgement_of_plain_texts_is_read_as_it_was() -> None:
    before = judgement()
    older = plain(before.model_dump(mode="json"))
    assert older["reasons"] == [str(each) for each in before.reasons]
    assert Assessment.model_validate(older) == before


def test_it_is_said_in_another_language_down_to_the_last_sentence(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(language, "say", lambda message: f"<{message}>" if message[0].isalpha() else message)
    (right, *_) = judgement().customer_right
    assert language.told(right.words).startswith(f"<{right.title}>: <You wrote on ")
