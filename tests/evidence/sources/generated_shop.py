"""A shop of 10,000 orders with disputes whose true order is known, made without a look at the matcher.

Deterministic for a seed. Two spellings of order numbers: "1042" beside database ids of the same range, and "LL-1042".
The noise of an ordinary shop, each with the share of disputes (or orders) it touches; several meet in one dispute:

in the shop
- wholesale customers with hundreds of orders, standing orders of one amount among them (a quarter of all orders)
- the same customer twice within minutes, the same goods and amount (3 % of orders)
- couples: one address, one surname, often one phone (12 % of customers)
- guest orders without an account (40 %), orders without e-mail address (3 %), without any amount (1 %)
- a few prices that a third of all orders has
- orders that keep no payment id (30 %), only the charge's, or another id of the same payment in the same form
- numbers used before: the shop was set up anew once, and 300 old orders have numbers of new ones
- orders cloned for a replacement, transaction id and all (0.5 %)
- test orders of the shop's own staff
- local times taken for UTC (4 %), orders written down a little after the payment (2 %)
- Turkish, German and French names in several spellings
in the payment
- no metadata (25 %), the database id, or the custom number (which is another order's database id), under usual names
  or under a plug-in's own; a tracking number (3 %)
- the number of another shop on the same gateway account: any, or one that stands at an order of the same days here
  (7 %); not at this customer's other order of the same amount, which nobody could tell apart
- no e-mail address (15 %), no name (20 %), a mistyped address (4 %), a plus-address (4 %)
- a card of the family: the payer's name and address are the partner's, or a stranger's (8 %)
- gifts: another address and name on the parcel (8 %)
- captured in part, split shipments captured one by one, tips, refunds before the dispute (5 % each, tips 3 %)
- another currency than the order's (8 %)
- paid days or weeks later: invoices, pre-orders (6 %); charged twice, so that the payment id is another one (2 %)
- the order is not in the shop at all: sold elsewhere (5 %), older than what could be pulled (5 %)
"""

from __future__ import annotations

import random
from collections.abc import Callable
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta

from disputes.facts import Address, Order, OrderLine, Refund, Shipment, order_reference
from disputes.money import Money
from disputes.ports import Wanted

START = datetime(2025, 10, 1, tzinfo=UTC)
DAYS = 400
GIVEN = (
    "Emily", "James", "Olivia", "Noah", "Ayşe", "Mehmet", "İrem", "Işıl", "Çağla", "Ömer", "Gül", "Şükrü", "Jürgen",
    "Zoë", "François", "Łukasz", "Anna", "John",
)  # fmt: skip
FAMILY = (
    "Carter", "Smith", "Jones", "Yılmaz", "Öztürk", "Çelik", "Şahin", "Güneş", "Işık", "Müller", "Weiß", "Lefèvre",
    "Dupont", "Brown", "Kaya", "Doğan", "Nguyen", "Garcia",
)  # fmt: skip
STREETS = ("Maple Street", "Bağdat Caddesi", "High Road", "Hauptstraße", "Rue du Bac", "İnönü Sokak", "Oak Avenue")
TOWNS = (("Portland", "97201", "US"), ("İstanbul", "34710", "TR"), ("Leeds", "LS1 4AP", "GB"), ("Köln", "50667", "DE"))
POPULAR = (2990, 4900, 9900)
PLAIN = str.maketrans("ışğüöçİŞĞÜÖÇèëßŁł", "isguocISGUOCeesLl")


@dataclass(slots=True)
class Customer:
    name: str
    email: str
    phone: str
    place: Address
    account: str | None
    wholesale: bool = False
    amount: int = 0
    """Of a standing order; 0: none."""
    partner: Customer | None = None


@dataclass(slots=True)
class Placed:
    """One order as the generator knows it."""

    order: Order
    customer: Customer
    intent: str
    charge: str
    paid_at: datetime
    database_id: str
    currency: str
    total: int
    parcels: list[Shipment] = field(default_factory=list)
    kept: bool = True
    """It is in what was pulled out of the shop."""
    paid: bool = True
    """A clone is not."""


@dataclass(frozen=True, slots=True)
class Case:
    wanted: Wanted
    truth: Placed | None
    """None: the order is not in the shop, or not among those that were pulled."""
    noise: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class GeneratedShop:
    placed: tuple[Placed, ...]
    """As kept, those the payments of which are disputed among them."""
    cases: tuple[Case, ...]


@dataclass(frozen=True, slots=True)
class Kind:
    """What a shop is like. Shares are percent."""

    prefix: str = ""
    """Before every order number ("LL-"); empty: bare digits of the same range as the database ids."""
    payment_ids: int = 70
    """Orders that keep an id of their payment."""
    wholesalers: int = 10
    wholesale: int = 25
    """Of the orders."""
    popular: int = 33
    """Orders at one of three prices."""
    foreign: int = 7
    """Payments with another shop's number."""
    no_email: int = 15
    no_name: int = 20


ORDINARY = Kind()
LETTERS = Kind(prefix="LL-")
HOSTILE = Kind(payment_ids=0, wholesalers=3, wholesale=50, popular=66, foreign=30, no_email=30, no_name=40)
"""No order keeps a payment's id, everybody buys the same, and three payments in ten name another shop's order."""


def generated_shop(kind: Kind, *, seed: int, orders: int = 10_000, disputes: int = 2_000) -> GeneratedShop:
    return _Maker(random.Random(seed), kind).shop(orders, disputes)


class _Maker:
    def __init__(self, dice: random.Random, kind: Kind) -> None:
        self.dice = dice
        self.kind = kind
        self.prefix = kind.prefix
        self.people = 0
        self.placed: list[Placed] = []
        self.disputed: set[int] = set()

    def shop(self, orders: int, disputes: int) -> GeneratedShop:
        people = [self.customer() for _ in range(orders * 6 // 10)]
        wholesale = [self.wholesaler() for _ in range(self.kind.wholesalers)]
        for one, other in zip(people[:: len(people) // 400], people[1 :: len(people) // 400], strict=False):
            self.marry(one, other)
        moments = sorted(START + timedelta(minutes=self.dice.randrange(DAYS * 24 * 60)) for _ in range(orders - 700))
        for at in moments:
            buyer = self.dice.choice(wholesale if self.chance(self.kind.wholesale) else people)
            self.place(buyer, at)
            if self.chance(3):
                self.twin(self.placed[-1])
            if self.chance(0.5):
                self.clone(self.placed[-1])
        sold = [each for each in self.placed if each.paid]
        self.used_before(300, people)
        while len(self.placed) < orders:
            self.test_order()
        cases = [self.case(self.dice.choice(sold)) for _ in range(disputes)]
        return GeneratedShop(tuple(each for each in self.placed if each.kept), tuple(cases))

    def chance(self, percent: float) -> bool:
        return self.dice.random() * 100 < percent

    # ---- people ----------------------------------------------------------------------------------------------------

    def customer(self) -> Customer:
        given, family = self.dice.choice(GIVEN), self.dice.choice(FAMILY)
        plain = f"{given}.{family}".translate(PLAIN).casefold()
        self.people += 1
        email = f"{plain}{self.people}@{self.dice.choice(['gmail.com', 'example.org', 'posta.example'])}"
        account = f"acc{self.dice.randrange(10**7)}" if self.chance(60) else None
        return Customer(f"{given} {family}", email, self.phone(), self.address(f"{given} {family}"), account)

    def wholesaler(self) -> Customer:
        buyer = self.customer()
        buyer.wholesale, buyer.account = True, f"acc{self.dice.randrange(10**7)}"
        buyer.amount = self.dice.choice([0, 150_000, 48_000])
        return buyer

    def marry(self, one: Customer, other: Customer) -> None:
        family = one.name.rpartition(" ")[2]
        other.name = f"{other.name.split(' ')[0]} {family}"
        other.place = one.place.model_copy(update={"name": other.name})
        if self.chance(50):
            other.phone = one.phone
        one.partner, other.partner = other, one

    def phone(self) -> str:
        return f"+90 5{self.dice.randrange(10, 60)} {self.dice.randrange(100, 1000)} {self.dice.randrange(10**4):04d}"

    def address(self, name: str) -> Address:
        town, postal, country = self.dice.choice(TOWNS)
        street = f"{self.dice.randrange(1, 300)} {self.dice.choice(STREETS)}"
        return Address(name=name, line1=street, city=town, postal_code=postal, country=country)

    # ---- the shop --------------------------------------------------------------------------------------------------

    def place(self, buyer: Customer, at: datetime, *, total: int | None = None) -> Placed:
        number = 1000 + len(self.placed)
        currency = "TRY" if buyer.place.country == "TR" else "USD"
        total = total or buyer.amount or (self.dice.choice(POPULAR) if self.chance(self.kind.popular) else self.price())
        bare = self.chance(10)
        intent = self.token(17) if bare else f"pi_{self.token(24)}"
        charge = self.token(17) if bare else f"ch_{self.token(24)}"
        written = at + timedelta(minutes=self.dice.randrange(2, 30)) if self.chance(2) else at
        written += timedelta(hours=self.dice.choice([-5, 3])) if self.chance(4) else timedelta(0)
        stored = self.dice.random() * 100 if self.kind.payment_ids else 100.0
        half = self.kind.payment_ids * 0.6
        order = Order(
            order_ref=f"{self.prefix}{number}",
            numbers=(str(self.database_id(len(self.placed))),),
            placed_at=written,
            total=None if self.chance(1) else Money(total, currency),
            payment_id=intent if stored < half else charge if stored < self.kind.payment_ids else None,
            transaction_ids=(charge,) if stored < half and self.chance(70) else (),
            card_last4=f"{self.dice.randrange(10**4):04d}" if self.chance(50) else None,
            customer_name=buyer.name,
            customer_email=None if self.chance(3) else buyer.email,
            customer_phone=buyer.phone if self.chance(60) else None,
            account_id=buyer.account,
            billing=buyer.place,
            shipping=buyer.place,
            lines=(OrderLine(description="Lamp", amount=Money(total, currency)),),
        )
        paid = at + timedelta(minutes=self.dice.randrange(20))
        placed = Placed(order, buyer, intent, charge, paid, order.numbers[0], currency, total)
        if self.chance(8):
            friend = self.customer()
            placed.order = order.model_copy(update={"shipping": friend.place})
        for _ in range(2 if self.chance(8) else 1):
            label = f"1Z{self.token(16).upper()}"
            placed.parcels.append(Shipment(order_ref=order.order_ref, carrier="UPS", tracking_number=label))
        self.placed.append(placed)
        return placed

    def database_id(self, place: int) -> int:
        """Another running number out of the same range: one order's id is another one's custom number."""
        return 900 + place * 3 + self.dice.randrange(3)

    def price(self) -> int:
        return self.dice.randrange(500, 40_000)

    def token(self, length: int) -> str:
        return "".join(self.dice.choice("0123456789ABCDEFGHJKLMNPQRSTUVWXYZ") for _ in range(length))

    def twin(self, first: Placed) -> None:
        self.place(
            first.customer, first.order.placed_at + timedelta(minutes=self.dice.randrange(1, 15)), total=first.total
        )

    def clone(self, first: Placed) -> None:
        """A replacement made of the order by a plug-in that copies everything."""
        again = self.place(
            first.customer, first.order.placed_at + timedelta(days=self.dice.randrange(3, 20)), total=first.total
        )
        ids: dict[str, object] = {
            "payment_id": first.order.payment_id,
            "transaction_ids": first.order.transaction_ids,
        }
        if self.chance(50):
            ids["total"] = Money(0, first.currency)
        again.order = again.order.model_copy(update=ids)
        again.paid = False

    def used_before(self, count: int, people: list[Customer]) -> None:
        for old in self.dice.sample(self.placed, count):
            at = START - timedelta(days=self.dice.randrange(30, 300))
            again = self.place(self.dice.choice(people), at)
            again.order = again.order.model_copy(
                update={"order_ref": old.order.order_ref, "numbers": old.order.numbers}
            )
            again.parcels = []

    def test_order(self) -> None:
        staff = Customer("Test Test", "shop@lumen.example", "+90 555 000 0000", self.address("Test Test"), None)
        made = self.place(staff, START + timedelta(days=self.dice.randrange(DAYS)), total=self.dice.choice([100, 2990]))
        made.order = made.order.model_copy(update={"payment_id": None, "transaction_ids": ()})

    # ---- disputes --------------------------------------------------------------------------------------------------

    def case(self, sold: Placed) -> Case:
        noise: list[str] = []
        wanted = self.plain(sold)
        for percent, name, change in self.kinds():
            if self.chance(percent):
                noise.append(name)
                wanted = change(wanted, sold)
        metadata = self.metadata(sold, wanted, noise)
        wanted = replace(wanted, metadata=metadata, order_ref=order_reference(metadata))
        if self.chance(5):
            noise.append("sold elsewhere")
            return Case(self.elsewhere(wanted), None, tuple(noise))
        if not sold.kept:
            return Case(wanted, None, (*noise, "not pulled"))
        if self.chance(5) and id(sold) not in self.disputed:
            sold.kept = False
            return Case(wanted, None, (*noise, "not pulled"))
        self.disputed.add(id(sold))
        return Case(wanted, sold, tuple(noise))

    def plain(self, sold: Placed) -> Wanted:
        """What a gateway tells of a payment when nothing is odd."""
        buyer, card = sold.customer, sold.order.card_last4
        ids = (sold.charge, sold.intent) if self.chance(60) else (sold.charge if self.chance(70) else sold.intent,)
        return Wanted(
            payment_id=ids[0],
            order_ref=None,
            customer_email=buyer.email,
            customer_name=self.respelled(buyer.name),
            paid_at=sold.paid_at,
            amount=Money(sold.total, sold.currency),
            payment_ids=ids,
            card_last4=card if self.chance(90) else f"{self.dice.randrange(10**4):04d}",
            phone=buyer.phone if self.chance(20) else None,
            shipping=buyer.place if self.chance(50) else None,
        )

    def respelled(self, name: str) -> str:
        given, _, family = name.partition(" ")
        ways = (name, name.translate(PLAIN).upper(), f"{family}, {given}", f"{given[0]}. {family}", name.casefold())
        return self.dice.choice(ways)

    def kinds(self) -> tuple[tuple[float, str, Callable[[Wanted, Placed], Wanted]], ...]:
        return (
            (8, "gift", self.gift),
            (4, "mistyped address", self.mistyped),
            (4, "plus-address", self.plus),
            (8, "card of the family", self.lent),
            (self.kind.no_email, "no e-mail address", lambda wanted, _: replace(wanted, customer_email=None)),
            (self.kind.no_name, "no name", lambda wanted, _: replace(wanted, customer_name=None)),
            (5, "captured in part", self.part),
            (5, "split shipment", self.split),
            (3, "tip", self.tip),
            (5, "refunded before", self.refunded),
            (8, "another currency", self.converted),
            (6, "paid later", self.later),
            (2, "charged twice", self.twice),
        )

    def gift(self, wanted: Wanted, sold: Placed) -> Wanted:
        return replace(wanted, shipping=self.customer().place)

    def mistyped(self, wanted: Wanted, sold: Placed) -> Wanted:
        email = wanted.customer_email or ""
        at = self.dice.randrange(1, max(2, email.index("@"))) if "@" in email else 0
        wrong = (
            email[:at] + email[at + 1 :]
            if self.chance(50)
            else f"{email[:at]}{email[at : at + 2][::-1]}{email[at + 2 :]}"
        )
        return replace(wanted, customer_email=wrong or None)

    def plus(self, wanted: Wanted, sold: Placed) -> Wanted:
        return replace(wanted, customer_email=(wanted.customer_email or "").replace("@", "+shop@") or None)

    def lent(self, wanted: Wanted, sold: Placed) -> Wanted:
        payer = sold.customer.partner or self.customer()
        return replace(wanted, customer_email=payer.email, customer_name=self.respelled(payer.name), phone=None)

    def part(self, wanted: Wanted, sold: Placed) -> Wanted:
        return replace(wanted, amount=Money(sold.total * self.dice.randrange(30, 95) // 100, sold.currency))

    def split(self, wanted: Wanted, sold: Placed) -> Wanted:
        """Each parcel is captured when it leaves: the second one is disputed."""
        parts = replace(wanted, amount=Money(sold.total // 2, sold.currency))
        return replace(parts, paid_at=sold.paid_at + timedelta(days=self.dice.randrange(1, 6)))

    def tip(self, wanted: Wanted, sold: Placed) -> Wanted:
        return replace(wanted, amount=Money(sold.total * self.dice.randrange(105, 121) // 100, sold.currency))

    def refunded(self, wanted: Wanted, sold: Placed) -> Wanted:
        back = Money(sold.total * self.dice.randrange(10, 60) // 100, sold.currency)
        at = sold.paid_at + timedelta(days=5)
        refund = Refund(refund_id=self.token(8), amount=back, created_at=at, status="succeeded")
        sold.order = sold.order.model_copy(update={"refunds": (refund,)})
        return wanted if self.chance(50) else replace(wanted, amount=Money(sold.total, sold.currency) - back)

    def converted(self, wanted: Wanted, sold: Placed) -> Wanted:
        return replace(wanted, amount=Money(wanted.amount.minor * 92 // 100, "EUR"))

    def later(self, wanted: Wanted, sold: Placed) -> Wanted:
        return replace(wanted, paid_at=sold.paid_at + timedelta(days=self.dice.randrange(2, 90)))

    def twice(self, wanted: Wanted, sold: Placed) -> Wanted:
        again = f"ch_{self.token(24)}" if sold.charge.startswith("ch_") else self.token(17)
        return replace(wanted, payment_id=again, payment_ids=(again,))

    def metadata(self, sold: Placed, wanted: Wanted, noise: list[str]) -> dict[str, str]:
        said: dict[str, str] = {}
        custom, database = sold.order.order_ref, sold.database_id
        if self.chance(self.kind.foreign):
            noise.append("another shop's number")
            return {"order_id": self.foreign(sold)}
        roll = self.dice.random() * 93
        if roll < 25:
            noise.append("no metadata")
        elif roll < 55:
            said = {
                "order_id": database,
                "order_key": f"wc_order_{self.token(13)}",
                "site_url": "https://lumen.example",
            }
            said |= {"customer_name": wanted.customer_name} if wanted.customer_name else {}
            said |= {"customer_email": sold.customer.email} if self.chance(70) else {}
        elif roll < 83:
            said = {self.dice.choice(["order_number", "order_id", "order"]): self.dice.choice([custom, f"#{custom}"])}
        else:
            name = self.dice.choice(["ref", "x_reference", "bestellung", "internal"])
            said = {
                name: self.dice.choice([custom, database]),
                "quantity": "2",
                "product_id": str(self.dice.randrange(900, 9000)),
            }
        if self.chance(3):
            said["tracking_number"] = sold.parcels[0].tracking_number
        if self.chance(10):
            said["customer_id"] = sold.customer.account or "0"
        return said

    def foreign(self, sold: Placed) -> str:
        """The other shop's numbers run like ours: half of them stand at an order of the same days."""
        if self.prefix and self.chance(50):
            return f"KD-{self.dice.randrange(1000, 9000)}"
        if self.chance(50):
            return str(1000 + self.dice.randrange(len(self.placed)))
        while True:
            place = self.placed.index(sold) + self.dice.choice([-1, 1]) * self.dice.randrange(1, 60)
            near = self.placed[max(0, min(place, len(self.placed) - 1))]
            if near.customer is not sold.customer or near.total != sold.total:
                return near.database_id if self.prefix else near.order.order_ref

    def elsewhere(self, wanted: Wanted) -> Wanted:
        """A sale of another till: ids, day and often the amount are its own; the customer may be one of the shop's."""
        ids = (f"ch_{self.token(24)}", f"pi_{self.token(24)}")
        stranger = self.customer()
        amount = wanted.amount if self.chance(50) else Money(self.price(), wanted.amount.currency)
        metadata = {"order_id": self.foreign(self.dice.choice(self.placed))} if self.chance(50) else {}
        other = replace(wanted, payment_id=ids[0], payment_ids=ids, amount=amount, metadata=metadata)
        other = replace(other, order_ref=order_reference(metadata), card_last4=None, shipping=None)
        if self.chance(50) and wanted.customer_email:
            moved = timedelta(days=self.dice.randrange(-2, 3)) if self.chance(50) else timedelta(days=40)
            return replace(other, paid_at=(wanted.paid_at or START) + moved)
        return replace(other, customer_email=stranger.email, customer_name=stranger.name, phone=stranger.phone)
