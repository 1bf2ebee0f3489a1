"""What each item that is not there would change: the same judgement, made again with the item laid into the case."""

from __future__ import annotations

from disputes.facts import CaseFile, Document
from evidence.assessment import Assessment, assess
from evidence.claim import Claim
from evidence.factbook import SMALLEST_DOCUMENT
from evidence.gain import Gain

_WRITES_ITSELF = frozenset(
    {"rebuttal_letter", "refund_refusal_explanation", "cancellation_rebuttal", "duplicate_charge_explanation"}
)
"""Words that follow from records: no paper brings them."""


def what_if(claim: Claim, case: CaseFile, now: Assessment) -> tuple[Gain, ...]:
    """For every line of the checklist that is not present. Pure: nothing is stored."""
    absent = [line.item for line in now.checklist if line.state != "present" and line.item not in _WRITES_ITSELF]
    return tuple(_gain(claim, case, now, item) for item in dict.fromkeys(absent))


def _gain(claim: Claim, case: CaseFile, now: Assessment, item: str) -> Gain:
    then = assess(claim, _with(case, item), now.assessed_at)
    return Gain(
        item=item,
        points=max(0, then.score.points - now.score.points),
        verdict=then.verdict.value,
        turns=then.verdict is not now.verdict,
        ready=then.ready and not now.ready,
    )


def _with(case: CaseFile, item: str) -> CaseFile:
    paper = Document(
        item=item, title=item, sha256="0" * 64, media_type="application/pdf", pages=1, size=SMALLEST_DOCUMENT
    )
    return case.model_copy(update={"documents": (*case.documents, paper)})
