"""What contesting is worth: a published prior, the case's own state, and the gateway's fees. A guess, and named so."""

from __future__ import annotations

from disputes.facts import Fact
from disputes.knowledge import fees, win_prior
from disputes.money import Money
from evidence.claim import Claim


class ExpectedValue(Fact):
    win_permille: int
    """Chance of winning in thousandths."""
    basis: str
    """Where the chance comes from."""
    gain: Money
    """Chance times what is contested."""
    counter_fee: Money | None = None
    """Booked for answering; returned on a full win where the gateway says so."""
    net: Money | None = None
    """Gain less the expected fee and the work; None where the fee is in another currency."""
    worth_it: bool | None = None
    words: str


class Effort(Fact):
    """What the merchant says about their own costs and results."""

    country: str | None = None
    """ISO code of the gateway account: fees and priors by country."""
    labour: Money | None = None
    win_permille: int | None = None
    """Learnt from this merchant's own outcomes; beats any prior."""


def _chance(effort: Effort, *, fraud: bool, tied: bool, ready: bool) -> tuple[int, str]:
    if effort.win_permille is not None:
        return effort.win_permille, "your own outcomes of this kind"
    key = "contested" if not fraud else "friendly_fraud" if tied else "fraud"
    prior = win_prior(key, effort.country)
    if ready:
        return prior.permille, f"published share of won cases ({prior.source})"
    cut = win_prior("not_ready_factor").permille
    return prior.permille * cut // 1000, "published share of won cases, halved because required proof is missing"


def expected_value(
    claim: Claim, contested: Money, effort: Effort, *, fraud: bool, tied: bool, ready: bool
) -> ExpectedValue:
    """Integer arithmetic in minor units; amounts of different currencies are never combined."""
    chance, basis = _chance(effort, fraud=fraud, tied=tied, ready=ready)
    gain = Money(contested.minor * chance // 1000, contested.currency)
    table = fees(claim.gateway, effort.country)
    fee = table.countered if table else None
    labour = effort.labour
    costs = [each for each in (fee, labour) if each and each.minor]
    if any(each.currency != contested.currency for each in costs):
        words = (
            f"About {gain} to win back. Fees are in another currency and not deducted: {' and '.join(map(str, costs))}."
        )
        return ExpectedValue(win_permille=chance, basis=basis, gain=gain, counter_fee=fee, words=words)
    lost = 1000 - chance if table and table.countered_returned_on_win else 1000
    cost = (fee.minor * lost // 1000 if fee else 0) + (labour.minor if labour else 0)
    net = Money(gain.minor - cost, contested.currency)
    worth = net.minor > 0
    words = f"About {gain} to win back, less {Money(cost, contested.currency)} of fees and work: {net}."
    return ExpectedValue(
        win_permille=chance, basis=basis, gain=gain, counter_fee=fee, net=net, worth_it=worth, words=words
    )
