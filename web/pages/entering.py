"""Cases of processors without an API: one by form, many by table."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from datetime import datetime, time
from itertools import islice

from fastapi import APIRouter
from pydantic import ValidationError
from sqlalchemy.exc import IntegrityError
from starlette.responses import Response

from disputes import entered_table as table
from disputes import links, store
from disputes.entered import Entered, EnteredRefund
from disputes.knowledge.reasons import categories
from disputes.lifecycle import Kind
from disputes.models import Dispute
from disputes.money import Money
from disputes.phrases import Phrase, phrase, said_by
from disputes.roles import Right
from scheduler import entering
from templates.language import marked as _
from templates.language import say, told
from web import words
from web.pages.evidence import attachment
from web.pages.letterhead import email_address
from web.pages.moments import moment
from web.security import MAX_TABLE
from web.view import back_to, page
from web.visit import AtMerchant, Invalid, Posted, PostedForm, Visit, needs

router = APIRouter()
BASE = "/m/{slug}/by-hand"
PROCESSORS = ("iyzico", "PayTR", _("Bank"), _("Consumer board"), _("Mediator"))
CURRENCIES = ("TRY", "EUR", "USD", "GBP", "CHF")
KINDS = (Kind.CHARGEBACK, Kind.INQUIRY, Kind.PRE_ARBITRATION, Kind.ARBITRATION, Kind.COMPLIANCE)
REFUNDS = 3
AT_ONCE = 100
"""Cases of a table that are written in one transaction."""

_MOST_MINOR = 10**14
_LABELS = {
    "case_number": phrase("Case number"),
    "category": phrase("What is claimed"),
    "amount": phrase("Disputed amount"),
    "due_at": phrase("Deadline"),
    "card_last4": phrase("Last four digits of the card"),
    "limit_kilobytes": phrase("Most kilobytes"),
    "limit_pages": phrase("Most pages"),
    "payment_reference": phrase("Payment's number"),
    "order_ref": phrase("Order"),
    "customer_name": phrase("Customer's name"),
    "customer_email": phrase("Customer's e-mail"),
    "reason_code": phrase("Reason code"),
    "network": phrase("Card network"),
    "authorization_code": phrase("Authorisation code"),
    "statement_descriptor": phrase("Name on the card statement"),
    "card_brand": phrase("Card brand"),
    "reference": phrase("Refund's number"),
}


@router.get(BASE, dependencies=[needs(Right.WORK)])
def form_page(visit: AtMerchant) -> Response:
    return _page(visit)


def _page(
    visit: Visit,
    *,
    wrong: str = "",
    at: str = "case",
    typed: Callable[[str], str] = lambda _name: "",
    status: int = 200,
) -> Response:
    """`at`: which of the two forms (case, table) is shown again with what was `typed`."""
    return page(
        visit, "enter.html", status=status, nav="queue", here=_here(visit), wrong=wrong, at=at, typed=typed,
        processors=[say(each) for each in PROCESSORS],
        categories=categories(), kinds=[(each.value, words.plain(each.value)) for each in KINDS],
        currencies=CURRENCIES, refunds=range(1, REFUNDS + 1), columns=table.COLUMNS, most_rows=table.MOST_ROWS,
        most_megabytes=MAX_TABLE // 2**20,
    )  # fmt: skip


def _here(visit: Visit) -> str:
    return BASE.format(slug=visit.merchant.slug)


# ---- one case ------------------------------------------------------------------------------------------------------


@router.post(BASE, dependencies=[needs(Right.WORK)])
def enter(visit: AtMerchant, form: PostedForm) -> Response:
    try:
        processor, case = _processor(form), read_case(form, visit.merchant.zone, visit.now)
        taken = _take(visit, processor, [case])
        if taken.known:
            raise Invalid(
                phrase(
                    "The case {case_number} of {processor} is here already. Nothing was changed in it.",
                    case_number=case.case_number,
                    processor=processor,
                )
            )
    except Invalid as error:
        return _page(visit, wrong=told(error.args[0]), typed=form.again, status=422)
    return back_to(links.case(visit.merchant.slug, taken.entered[0].id), "entered")


def _processor(form: Posted) -> str:
    name = " ".join(form.line("processor", 60).split())
    if not name:
        raise Invalid(phrase("Say who handles the case: the processor, the bank, the board or the mediator."))
    return name


def read_case(form: Posted, zone: str, now: datetime) -> Entered:
    """What was typed, as the case it tells. Raises Invalid naming the field."""
    currency = form.line("currency", 3).upper()
    given = {
        "case_number": form.line("case_number", 100),
        "kind": _kind(form),
        "category": form.line("category", 40),
        "network": form.line("network", 40).lower() or None,
        "reason_code": form.line("reason_code", 40) or None,
        "amount": _money(form, "amount", phrase("Disputed amount"), currency),
        "opened_at": moment(form, "opened", phrase("Dispute opened"), zone, at=time()),
        "due_at": moment(form, "due", phrase("Deadline"), zone, at=time(23, 59)),
        "paid_at": moment(form, "paid", phrase("Paid"), zone, at=time(12)),
        "charged": _money(form, "charged", phrase("Amount charged"), currency) if form.line("charged", 40) else None,
        "customer_email": email_address(form.line("customer_email", 254)) if form.line("customer_email", 254) else None,
        "refunds": tuple(_refunds(form, currency, zone)),
        "limit_kilobytes": form.number("limit_kilobytes", 50, 100_000) if form.line("limit_kilobytes", 12) else None,
        "limit_pages": form.number("limit_pages", 1, 500) if form.line("limit_pages", 12) else None,
    }
    for name, longest in (
        ("payment_reference", 120), ("card_brand", 40), ("card_last4", 4), ("authorization_code", 40),
        ("statement_descriptor", 60), ("order_ref", 120), ("customer_name", 300),
    ):  # fmt: skip
        given[name] = form.line(name, longest) or None
    if not given["category"]:
        raise Invalid(phrase("Say what is claimed."))
    try:
        case = Entered.model_validate(given)
    except ValidationError as error:
        raise Invalid(_in_words(error)) from error
    if (why := doubtful(case, now)) is not None:
        raise Invalid(why)
    return case


def _kind(form: Posted) -> Kind:
    typed = form.line("kind", 20)
    if typed not in [each.value for each in KINDS]:
        raise Invalid(phrase("Say what kind of case it is."))
    return Kind(typed)


def _money(form: Posted, name: str, label: str, currency: str) -> Money:
    text = form.line(name, 40)
    try:
        return table.money(text, currency)
    except ValueError as error:
        raise Invalid(phrase("{field}: {why}.", field=label, why=said_by(error))) from error


def _refunds(form: Posted, currency: str, zone: str) -> Iterator[EnteredRefund]:
    for number in range(1, REFUNDS + 1):
        name = f"refund{number}"
        reference = form.line(f"{name}_reference", 120)
        told = [form.line(f"{name}_amount", 40), form.line(f"{name}_day", 10), reference]
        if not any(told):
            continue
        if not all(told):
            raise Invalid(phrase("Refund {number} needs its amount, its day and its number.", number=number))
        label = phrase("Refund {number}", number=number)
        amount = _money(form, f"{name}_amount", label, currency)
        at = moment(form, name, label, zone, at=time(12))
        yield EnteredRefund(reference=reference, amount=amount, at=at)


def _in_words(error: ValidationError) -> Phrase:
    first = error.errors()[0]
    name = str(first["loc"][-1]) if first["loc"] else ""
    field = _LABELS.get(name) or Phrase(words.plain(name))
    if first["type"] in ("string_too_short", "missing"):
        return phrase("{field}: is missing.", field=field)
    return phrase("{field}: {why}.", field=field, why=table.wrong_with(first))


def doubtful(case: Entered, now: datetime) -> Phrase | None:
    """What cannot be right about dates and sums; a case of a table is looked at in the same way."""
    instants = [
        case.opened_at,
        case.paid_at,
        *(each.at for each in case.refunds),
        *([case.due_at] if case.due_at else []),
    ]
    if any(not 2000 <= each.year <= 2100 for each in instants):
        return phrase("One of the years cannot be right.")
    if any(each.minor > _MOST_MINOR for each in (case.amount, *(one.amount for one in case.refunds))):
        return phrase("One of the amounts is too large to be right.")
    if case.due_at is not None and case.due_at <= case.opened_at:
        return phrase("The deadline lies before the day on which the dispute was opened.")
    if case.opened_at > now:
        return phrase("The day on which the dispute was opened lies in the future.")
    if case.paid_at.date() > case.opened_at.date():
        return phrase("The payment lies after the day on which the dispute was opened.")
    return None


# ---- a table -------------------------------------------------------------------------------------------------------


@dataclass(slots=True)
class Taken:
    """What became of the cases; those that were known are left as they are."""

    entered: list[Dispute] = field(default_factory=list)
    known: list[Dispute] = field(default_factory=list)


@router.get(BASE + "/template.csv", dependencies=[needs(Right.WORK)])
def template(visit: AtMerchant) -> Response:
    return attachment(table.template().encode("utf-8-sig"), "text/csv; charset=utf-8", "cases-template.csv")


@router.post(BASE + "/table", dependencies=[needs(Right.WORK)])
def read_table(visit: AtMerchant, form: PostedForm) -> Response:
    """Every good line is entered, whatever the others are; sending the same table again changes nothing."""
    try:
        processor, read = _processor(form), _read(visit, form)
        fit, refused = _sorted(read, visit.now)
        taken = Taken()
        for some in _in_parts(fit):
            part = _take(visit, processor, some)
            taken.entered += part.entered
            taken.known += part.known
    except Invalid as error:
        return _page(visit, wrong=told(error.args[0]), at="table", typed=form.again, status=422)
    return page(
        visit, "entered_table.html", nav="queue", here=_here(visit), processor=processor, taken=taken,
        refused=refused, link=lambda dispute: links.case(visit.merchant.slug, dispute.id),
    )  # fmt: skip


def _read(visit: Visit, form: Posted) -> table.Read:
    files = form.files("table")
    if len(files) != 1:
        raise Invalid(phrase("Choose the table: one CSV file."))
    data = files[0].file.read(MAX_TABLE + 1)
    if len(data) > MAX_TABLE:
        raise Invalid(phrase("The table is larger than {value} MB. Send it in parts.", value=MAX_TABLE // 2**20))
    try:
        return table.read(data, visit.merchant.zone)
    except table.NoTable as error:
        raise Invalid(phrase("{error} Nothing was entered.", error=said_by(error))) from error


def _sorted(read: table.Read, now: datetime) -> tuple[list[Entered], list[Phrase]]:
    fit, refused = list[Entered](), list(read.refused)
    for case in read.cases:
        if (why := doubtful(case, now)) is None:
            fit.append(case)
        else:
            refused.append(phrase("Case {number}: {why}", number=case.case_number, why=why))
    return fit, refused


def _in_parts(cases: Sequence[Entered]) -> Iterator[list[Entered]]:
    rest = iter(cases)
    while some := list(islice(rest, AT_ONCE)):
        yield some


def _take(visit: Visit, processor: str, cases: list[Entered]) -> Taken:
    """In one transaction. A number that this processor's cases have already is left as it is, never overwritten."""
    numbers = [case.case_number for case in cases]
    try:
        with visit.runtime.database.writing() as session:
            connection = entering.processor(visit.runtime, session, visit.merchant, processor, by=visit.by)
            known = store.by_external_ids(session, connection.id, numbers)
            fresh = [case for case in cases if case.case_number not in known]
            if fresh:
                entering.take(visit.runtime, session, connection, fresh, by=visit.by)
            found = store.by_external_ids(session, connection.id, [case.case_number for case in fresh])
            return Taken([found[case.case_number] for case in fresh], list(known.values()))
    except IntegrityError as error:
        raise Invalid(phrase("Somebody entered one of these cases in the same moment. Send it again.")) from error
