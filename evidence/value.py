"""What contesting is worth: the chance with its interval, the gateway's fees, the work. A guess, and named so."""

from __future__ import annotations

from disputes.facts import Fact
from disputes.knowledge import Fees, fees, win_prior
from disputes.money import Money
from disputes.phrases import Phrase, joined, phrase
from evidence.calibration import Chance, Tally, from_prior, learnt
from evidence.claim import Claim


class ExpectedValue(Fact):
    win_permille: int
    """Chance of winning in thousandths, the likely one."""
    low_permille: int = 0
    high_permille: int = 1000
    """Between the two it lies in eight cases of ten."""
    basis: Phrase
    """Where the chance comes from."""
    gain: Money
    """Likely chance times what is contested."""
    gain_low: Money | None = None
    gain_high: Money | None = None
    counter_fee: Money | None = None
    """Booked for answering; returned on a full win where the gateway says so."""
    saved_fee: Money | None = None
    """Charged for the dispute itself unless the case is won."""
    fees_from: Phrase = Phrase("")
    """Where the fees are published, and since when."""
    net: Money | None = None
    """Gain less the expected fee and the work; None where a fee or the work is in another currency."""
    net_low: Money | None = None
    net_high: Money | None = None
    worth_it: bool | None = None
    hopeless: bool = False
    """Even at the best of the interval it costs more than it brings."""
    too_dear: Phrase | None = None
    """The one sentence about it where it is hopeless."""
    words: Phrase


class Effort(Fact):
    """What the merchant says about their own costs and results."""

    country: str | None = None
    """ISO code of the gateway account: fees and priors by country."""
    labour: Money | None = None
    """The work of one answer."""
    win_permille: int | None = None
    """A chance the merchant sets; beats everything."""
    tallies: tuple[Tally, ...] = ()
    """Their own decided cases, by category and gateway."""


def chance_of(
    claim: Claim, effort: Effort, *, fraud: bool, tied: bool, ready: bool, compelling: bool = False
) -> Chance:
    """Their own outcomes where there are enough, else the published prior; halved where required proof is missing."""
    prior = win_prior("contested" if not fraud else "friendly_fraud" if tied else "fraud", effort.country)
    if effort.win_permille is not None:
        set_by_hand = effort.win_permille
        chance = Chance(
            low=set_by_hand, likely=set_by_hand, high=set_by_hand, basis=phrase("your own outcomes of this kind")
        )
    else:
        category = claim.reason.category
        own = learnt(effort.tallies, category=category, gateway=claim.gateway, prior=prior)
        chance = own or from_prior(prior)
    if compelling:
        factor = win_prior("compelling_evidence_factor")
        chance = chance.scaled(
            factor.permille, phrase("doubled for Visa Compelling Evidence 3.0, as the gateway claims")
        )
    if not ready:
        halved = phrase("halved because required proof is missing")
        chance = chance.scaled(win_prior("not_ready_factor").permille, halved)
    return chance


def expected_value(
    claim: Claim,
    contested: Money,
    effort: Effort,
    *,
    fraud: bool,
    tied: bool,
    ready: bool,
    compelling: bool = False,
) -> ExpectedValue:
    """Integer arithmetic in minor units; amounts of different currencies are never combined."""
    chance = chance_of(claim, effort, fraud=fraud, tied=tied, ready=ready, compelling=compelling)
    table = _table(claim, contested, effort.country)
    costs = _Costs(table, effort.labour)
    low, gain, high = (_times(contested, each) for each in (chance.low, chance.likely, chance.high))
    base = ExpectedValue(
        win_permille=chance.likely,
        low_permille=chance.low,
        high_permille=chance.high,
        basis=chance.basis,
        gain=gain,
        gain_low=low,
        gain_high=high,
        counter_fee=table.countered if table else None,
        saved_fee=costs.saved,
        fees_from=_published(table),
        words=Phrase(""),
    )
    foreign = [each for each in costs.named if each.currency != contested.currency]
    if foreign:
        words = phrase(
            "{odds} About {gain} to win back, from {low} to {high}. Fees or work are in another currency and not "
            "deducted: {foreign}.",
            odds=_odds(chance),
            gain=gain,
            low=low,
            high=high,
            foreign=_and(foreign),
        )
        return base.model_copy(update={"words": words})
    nets = [Money(won.minor - costs.at(each), won.currency) for won, each in _at(chance, low, gain, high)]
    update: dict[str, object] = {
        "net_low": min(nets, key=lambda each: each.minor),
        "net": nets[1],
        "net_high": max(nets, key=lambda each: each.minor),
        "worth_it": nets[1].minor > 0,
        "hopeless": max(each.minor for each in nets) <= 0,
    }
    if update["hopeless"]:
        update["too_dear"] = _too_dear(high, costs.at(chance.high))
    told = base.model_copy(update=update)
    return told.model_copy(update={"words": _words(told, chance, costs)})


class _Costs:
    """What answering costs at a given chance, in minor units of the contested currency."""

    def __init__(self, table: Fees | None, labour: Money | None) -> None:
        self.fee = table.countered if table and table.countered.minor else None
        self.returned = bool(table and table.countered_returned_on_win)
        keeps = table is not None and table.received_returned_on_win and table.received.minor > 0
        self.saved = table.received if table and keeps else None
        self.labour = labour if labour and labour.minor else None

    @property
    def named(self) -> list[Money]:
        return [each for each in (self.fee, self.labour, self.saved) if each]

    def at(self, permille: int) -> int:
        fee = self.fee.minor if self.fee else 0
        lost = fee * (1000 - permille) // 1000 if self.returned else fee
        saved = self.saved.minor * permille // 1000 if self.saved else 0
        return lost + (self.labour.minor if self.labour else 0) - saved


def _table(claim: Claim, contested: Money, country: str | None) -> Fees | None:
    """The fees that this very case can cost."""
    table = fees(claim.gateway, country)
    if table is None:
        return None
    small = table.free_below_fees * table.received.minor
    free = (
        claim.reason.category in table.free_categories
        or claim.kind.value in table.free_kinds
        or (contested.currency == table.received.currency and contested.minor < small)
    )
    return table.model_copy(update={"received": Money(0, table.received.currency)}) if free else table


def _times(contested: Money, permille: int) -> Money:
    return Money(contested.minor * permille // 1000, contested.currency)


def _at(chance: Chance, low: Money, gain: Money, high: Money) -> list[tuple[Money, int]]:
    return [(low, chance.low), (gain, chance.likely), (high, chance.high)]


def _and(amounts: list[Money]) -> Phrase:
    told = Phrase(str(amounts[0]))
    for each in amounts[1:]:
        told = phrase("{these} and {one_more}", these=told, one_more=each)
    return told


def _odds(chance: Chance) -> Phrase:
    low, likely, high = (each // 10 for each in (chance.low, chance.likely, chance.high))
    if low == high:
        return phrase("Chance to win: about {likely} of 100.", likely=likely)
    return phrase("Chance to win: about {likely} of 100, between {low} and {high}.", likely=likely, low=low, high=high)


def _published(table: Fees | None) -> Phrase:
    if table is None:
        return Phrase("")
    if table.since:
        told = {"source": table.source, "since": table.since, "day": table.checked}
        return phrase("{source} since {since}, read {day}", **told)
    return phrase("{source}, read {day}", source=table.source, day=table.checked)


def _too_dear(won: Money, cost: int) -> Phrase:
    return phrase(
        "Contesting costs more than it can bring: {spent} of fees and work against {won} won back at best.",
        spent=Money(max(cost, 0), won.currency),
        won=won,
    )


def _words(told: ExpectedValue, chance: Chance, costs: _Costs) -> Phrase:
    currency = told.gain.currency
    if told.hopeless:
        return joined((told.too_dear or "", _odds(chance)))
    spent = Money(costs.at(chance.likely), currency)
    sums = {"gain": told.gain, "net": told.net, "low": told.net_low, "high": told.net_high, "odds": _odds(chance)}
    if spent.minor >= 0:
        words = phrase(
            "{odds} About {gain} to win back, less {spent} of fees and work: {net}, from {low} to {high}.",
            spent=spent,
            **sums,
        )
    else:
        words = phrase(
            "{odds} About {gain} to win back, and {saved} of fees saved: {net}, from {low} to {high}.",
            saved=-spent,
            **sums,
        )
    return words if told.worth_it else joined((phrase("Contesting is likely to cost more than it brings."), words))
