"""Money as Square pays it out: one payout a location and day, with an entry for every movement.

The entry types are the SDK's: OPEN_DISPUTE is the claim, DISPUTE the decision. That a won case comes back as a positive
DISPUTE, and that Square takes no dispute fee, is read from its help pages and not from the contract.
"""

from __future__ import annotations

from gateways.sandbox.square import ids, times
from gateways.sandbox.square.call import Call
from gateways.sandbox.square.paging import Conditions, page
from gateways.sandbox.square.rows import row
from gateways.sandbox.square.world import World
from gateways.sandbox.store import JSON, Row


def list_payouts(world: World, call: Call) -> JSON:
    query = call.query
    columns = {"location_id": "parent = ?", "begin_time": "created >= ?", "end_time": "created < ?"}
    wanted: Conditions = [(sql, [query[name]]) for name, sql in columns.items() if name in query]
    if "status" in query:
        wanted.append(("json_extract(body, '$.status') = ?", [query["status"]]))
    oldest = query.get("sort_order", "DESC") == "ASC"
    rows, more = page(world, call, "payout", wanted, limit=query.get("limit"), oldest=oldest)
    return {"payouts": [each.body for each in rows], **more}


def get_payout(world: World, call: Call) -> JSON:
    return {"payout": world.need("payout", call.id).body}


def list_entries(world: World, call: Call) -> JSON:
    world.need("payout", call.id)
    oldest = call.query.get("sort_order", "DESC") == "ASC"
    wanted: Conditions = [("parent = ?", [call.id])]
    rows, more = page(world, call, "payout_entry", wanted, limit=call.query.get("limit"), oldest=oldest)
    return {"payout_entries": [each.body for each in rows], **more}


def charge(world: World, payment: JSON, fee: int, now: int) -> None:
    about = {"type_charge_details": {"payment_id": payment["id"]}}
    _book(world, "CHARGE", payment["location_id"], payment["amount_money"], now, about, fee=fee)


def refund(world: World, refund: JSON, now: int) -> None:
    about = {"type_refund_details": {"payment_id": refund["payment_id"], "refund_id": refund["id"]}}
    _book(world, "REFUND", refund["location_id"], _signed(refund["amount_money"], -1), now, about)


def withhold(world: World, dispute: JSON, now: int) -> None:
    """The disputed amount leaves the balance."""
    about = {"type_open_dispute_details": _about(dispute)}
    _book(world, "OPEN_DISPUTE", dispute["location_id"], _signed(dispute["amount_money"], -1), now, about)


def give_back(world: World, dispute: JSON, now: int) -> None:
    about = {"type_dispute_details": _about(dispute)}
    _book(world, "DISPUTE", dispute["location_id"], dispute["amount_money"], now, about)


def _about(dispute: JSON) -> JSON:
    return {"payment_id": dispute["disputed_payment"]["payment_id"], "dispute_id": dispute["id"]}


def _signed(money: JSON, sign: int) -> JSON:
    return {**money, "amount": sign * money["amount"]}


def _book(world: World, type: str, location: str, gross: JSON, now: int, about: JSON, *, fee: int = 0) -> None:
    payout = _payout(world, location, gross["currency"], now)
    net = {**gross, "amount": gross["amount"] - fee}
    entry = {
        "id": ids.payout_entry(), "payout_id": payout.id, "effective_at": times.text(now), "type": type,
        "gross_amount_money": gross, "fee_amount_money": {**gross, "amount": fee}, "net_amount_money": net, **about,
    }  # fmt: skip
    world.store.put("payout_entry", row(entry, created=now, parent=payout.id, label=type))
    payout.body["amount_money"]["amount"] += net["amount"]
    payout.body["version"] += 1
    world.store.put("payout", payout)


def _payout(world: World, location: str, currency: str, now: int) -> Row:
    """The location's payout of that day."""
    day = f"{location}:{times.day(now)}"
    if found := world.store.find("payout", "label = ?", (day,), 1):
        return found[0]
    evening = times.midnight(now) + times.DAY - 1
    body = {
        "id": ids.payout(), "status": "PAID", "location_id": location, "created_at": times.text(evening),
        "updated_at": times.text(evening), "amount_money": {"amount": 0, "currency": currency},
        "destination": {"type": "BANK_ACCOUNT", "id": "bact:LaleLivingMainAccount"}, "version": 0, "type": "BATCH",
        "payout_fee": [], "arrival_date": times.day(now + 2 * times.DAY),
    }  # fmt: skip
    return row(body, created=evening, parent=location, label=day)
