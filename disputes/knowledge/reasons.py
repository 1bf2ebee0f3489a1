"""Why a payment is disputed: looked up by (network, code or alias), then by the gateway's reason, else general."""

from __future__ import annotations

from functools import cache
from typing import Any, Literal

from disputes.facts import Fact
from disputes.gateway_kinds import gateway_kind
from disputes.knowledge.data import cited, load
from disputes.knowledge.playbooks import Playbook, playbook
from disputes.lifecycle import Kind

FoundBy = Literal["code", "alias", "gateway_reason", "general"]

# Their cards run over another network's rules and codes (see the notes of the "*" rows).
_SPEAKS = {"diners": "discover", "unionpay": "discover"}
_NEVER_CONTESTED = {"cartes_bancaires": "Cartes Bancaires disputes cannot be contested."}


class SubCondition(Fact):
    """One of several claims a lossy code can stand for; a person says which."""

    key: str
    label: str
    category: str
    playbook: str


class Reason(Fact):
    network: str | None
    code: str | None
    name: str
    category: str
    claim: str
    """What is claimed at heart: the category, or for a request for information the one the gateway's reason names."""
    challengeable: bool
    playbook: Playbook
    stage: str
    sub_conditions: tuple[SubCondition, ...] = ()
    sub_condition: str | None = None
    person_decides: bool
    found_by: FoundBy
    gateway_reason: str
    """Stripe's word for this category, by which its form fields are chosen."""
    visa_ce3: bool = False
    issuer_looks_for: tuple[str, ...] = ()
    common_loss_reasons: tuple[str, ...] = ()
    accept_when: tuple[str, ...] = ()
    notes: str = ""
    sources: tuple[str, ...] = ()
    checked: str

    @property
    def lossy(self) -> bool:
        """The code alone does not say what is claimed, and nobody has said it yet."""
        return bool(self.sub_conditions) and self.sub_condition is None


@cache
def _codes() -> dict[tuple[str, str], tuple[dict[str, Any], FoundBy]]:
    table: dict[tuple[str, str], tuple[dict[str, Any], FoundBy]] = {}
    for entry in load("reason_codes")["codes"]:
        for alias in entry.get("aliases", ()):
            table[entry["network"], alias.casefold()] = entry, "alias"
    for entry in load("reason_codes")["codes"]:
        table[entry["network"], entry["code"].casefold()] = entry, "code"
    return table


@cache
def _categories() -> dict[str, dict[str, Any]]:
    return {entry["category"]: entry for entry in load("categories")["categories"]}


def categories() -> dict[str, str]:
    """Category -> its name as people read it, in the order of the data."""
    return {key: entry["name"] for key, entry in _categories().items()}


def _category_of(gateway: str, raw_reason: str | None) -> str | None:
    if gateway == "manual":
        return raw_reason if raw_reason in _categories() else None
    if (kind := gateway_kind(gateway)) is not None:
        found = kind.categories.get(raw_reason or "")
        return found if found in _categories() else None
    return next(
        (key for key, entry in _categories().items() if raw_reason in entry["reasons"].get(gateway, ())),
        None,
    )


def sub_conditions(network: str | None, code: str | None) -> tuple[SubCondition, ...]:
    """The claims a lossy code can stand for; empty for every other code."""
    for entry in load("sub_conditions")["codes"]:
        if (entry["network"], entry["code"]) == (network, code):
            return tuple(SubCondition(**{k: c[k] for k in SubCondition.model_fields}) for c in entry["conditions"])
    return ()


def _row(network: str | None, code: str | None) -> tuple[dict[str, Any], FoundBy] | None:
    if not network or not code:
        return None
    word = code.strip().casefold()
    for speaker in (network, _SPEAKS.get(network, network)):
        found = _codes().get((speaker, word))
        if found and found[0]["code"] != "*":
            return found
    return None


def _as_row(category: dict[str, Any]) -> dict[str, Any]:
    """A category in the shape of a code's row."""
    return {
        **category,
        "code": None,
        "stage": "chargeback",
        "person_decides": not playbook(category["playbook"]).required_any_of,
    }


def reason_for(
    network: str | None,
    code: str | None,
    gateway: str,
    raw_reason: str | None,
    *,
    sub_condition: str | None = None,
    kind: Kind | None = None,
) -> Reason:
    """What is known about this reason. Never fails: an unknown one is `general`, and a person decides."""
    network = network.strip().casefold() if network else None
    known_category = _category_of(gateway, raw_reason)
    found = _row(network, code)
    # PayPal and Square give no network code, but their own reasons have rows of their own.
    found_by: FoundBy
    own = None if found else _row(gateway, raw_reason)
    if found is None and own is not None:
        row, found_by = {**own[0], "network": network, "code": None}, "gateway_reason"
    elif found is None:
        found_by = "gateway_reason" if known_category not in (None, "general") else "general"
        row = _as_row(_categories()[known_category or "general"])
    else:
        row, found_by = found
    conditions = sub_conditions(row.get("network"), row["code"])
    chosen = next((each for each in conditions if each.key == sub_condition), None)
    category = _categories()[chosen.category if chosen else row["category"]]
    book = playbook(chosen.playbook if chosen else row["playbook"])
    neutral = category["category"] in ("inquiry", "no_reply", "general")
    refusal = _NEVER_CONTESTED.get(network or "")
    return Reason(
        network=network,
        code=code,
        name=chosen.label if chosen else row["name"],
        category=category["category"],
        claim=(known_category or category["category"]) if neutral else category["category"],
        challengeable=row.get("challengeable", True) and not refusal,
        playbook=book,
        stage=row["stage"],
        sub_conditions=conditions,
        sub_condition=chosen.key if chosen else None,
        person_decides=bool(row.get("person_decides")) or kind is Kind.COMPLIANCE or not book.required_any_of,
        found_by=found_by,
        gateway_reason=category["stripe_reason"],
        visa_ce3=row.get("visa_ce3_eligible", False),
        issuer_looks_for=tuple(row.get("issuer_looks_for") or category["issuer_looks_for"]),
        common_loss_reasons=book.common_loss_reasons,
        accept_when=book.accept_when,
        notes=refusal or row.get("notes", ""),
        sources=cited(row["source"]),
        checked=row["checked"],
    )
