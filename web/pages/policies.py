"""Policies: their versions by date and where each came from, the words a bank would be shown, and new versions."""

from __future__ import annotations

from datetime import date, timedelta
from typing import Annotated, Any, cast, get_args

from fastapi import APIRouter, Query
from starlette.responses import Response

from disputes import links, store_people, store_policies
from disputes.clock import local_day
from disputes.facts import Policy, PolicyKind, ProductType
from disputes.knowledge import evidence_item
from disputes.phrases import said_by
from disputes.roles import Right
from evidence.packet.errors import FileRefused
from evidence.policy_files import ACCEPTED, PolicyFile, read_policy_file, read_policy_text, too_little
from evidence.quoting import CLAIMS, quoted
from evidence.redaction import mask
from evidence.uploads import read_capped
from scheduler.sources import look_again
from templates.language import say, told
from web import policy_view, words
from web.pages.letterhead import PRODUCT_TYPES
from web.policy_view import KINDS, TITLES, Version, kind_of
from web.view import back_to, page
from web.visit import AtMerchant, Invalid, Posted, PostedForm, Reader, Visit, Writer, needs

router = APIRouter()
BASE = "/m/{slug}/policies"
_FORWARD = timedelta(days=366)
LONGEST = 200_000
"""Signs of pasted words."""


@router.get(BASE)
def policies(visit: AtMerchant, session: Reader) -> Response:
    return _page(visit, session)


def _page(visit: Visit, session: Reader, *, wrong: str = "", form: Posted | None = None, status: int = 200) -> Response:
    found = policy_view.versions(visit, session)
    today = local_day(visit.now, visit.merchant.zone)
    held = {id(each) for each in policy_view.held_on(found, today)}
    titles = sorted({each.policy.title for each in found if each.entered})
    return page(
        visit,
        "policies.html",
        status=status,
        nav="policies",
        here=links.policies(visit.merchant.slug),
        kinds={kind: say(title) for kind, title in KINDS.items()},
        by_kind={kind: [each for each in found if each.policy.kind == kind] for kind in KINDS},
        now_held=lambda each: id(each.policy) in held,
        names=store_people.names_of(session, {each.by for each in found if each.by}),
        titles=titles,
        wrong=wrong,
        typed=form.again if form else lambda _name: "",
        today=today,
        accepted=",".join(ACCEPTED),
        claims=_claims(),
    )


def _claims() -> dict[str, str]:
    return {claim: words.plain(claim) for claim in CLAIMS}


# ---- entering ------------------------------------------------------------------------------------------------------


@router.post(BASE, dependencies=[needs(Right.SETTINGS)])
def add(visit: AtMerchant, form: PostedForm) -> Response:
    """Read and clean, then store the bytes, then the row. What was typed is shown again where it cannot be used."""
    try:
        policy, file = _read(visit, form)
        with visit.runtime.database.reading() as session:
            _not_twice(visit, session, policy)
    except (Invalid, FileRefused) as error:
        wrong = f"{told(said_by(error)).rstrip('.')}."
        with visit.runtime.database.reading() as session:
            return _page(visit, session, wrong=wrong, form=form, status=422)
    sha256 = visit.runtime.files.put(visit.merchant.id, file.data)
    with visit.runtime.database.writing() as session:
        store_policies.add(
            session, visit.merchant.id, policy, sha256=sha256, media_type=file.media_type, by=visit.by, now=visit.now
        )
        look_again(visit.runtime, session, visit.merchant.id, None)
    return back_to(links.policies(visit.merchant.slug), "policy_added", f"k-{policy.kind}")


def _read(visit: Visit, form: Posted) -> tuple[Policy, PolicyFile]:
    kind = kind_of(form.line("kind", 30))
    if kind is None:
        raise Invalid(say("Choose what the policy is about."))
    day = _day(visit, form.line("in_force_from", 10))
    files, pasted = form.files("file"), form.text("text", LONGEST)
    if bool(files) == bool(pasted):
        raise Invalid(say("Paste the words of the policy, or choose its file: one of the two."))
    if files:
        name = files[0].filename or ""
        file = read_policy_file(read_capped(files[0].file, name), name)
    else:
        file = read_policy_text(pasted)
        if too_little(file.text):
            raise Invalid(say("The text says too little, or has places that are still to be filled in."))
    return _policy(form, kind, day, file.text), file


def _policy(form: Posted, kind: PolicyKind, day: date, text: str) -> Policy:
    return Policy(
        kind=kind,
        title=mask(form.line("title", 200)).text or TITLES[kind],
        text=text,
        in_force_from=day,
        shown_where=mask(form.line("shown_where", 300)).text or None,
    )


def _day(visit: Visit, typed: str) -> date:
    try:
        day = date.fromisoformat(typed)
    except ValueError:
        raise Invalid(say("Say since which day it is in force.")) from None
    today = local_day(visit.now, visit.merchant.zone)
    if not date(1990, 1, 1) <= day <= today + _FORWARD:
        raise Invalid(say("The day it is in force from is too long ago or too far ahead."))
    return day


def _not_twice(visit: Visit, session: Reader, policy: Policy) -> None:
    for each in store_policies.entered(session, visit.merchant.id):
        if (each.kind, each.title, each.in_force_from) == (policy.kind, policy.title, policy.in_force_from):
            raise Invalid(
                say(
                    "There is a version of “%(title)s” from that day already. Withdraw it first, or choose another day."
                )
                % {"title": policy.title}
            )


# ---- reading -------------------------------------------------------------------------------------------------------


@router.get(BASE + "/clause")
def clause(
    visit: AtMerchant,
    session: Reader,
    claim: Annotated[str, Query(max_length=40)] = "not_received",
    day: Annotated[str, Query(max_length=10)] = "",
    sells: Annotated[str, Query(max_length=20)] = "",
) -> Response:
    """The words of each policy that a bank would be shown about such a claim, for a sale on that day."""
    if claim not in CLAIMS:
        raise Invalid(say("The desk does not know this claim."))
    bought = _day(visit, day) if day else local_day(visit.now, visit.merchant.zone)
    product = sells if sells in PRODUCT_TYPES else visit.merchant.default_product_type
    if product not in get_args(ProductType):
        product = "physical"
    found = policy_view.versions(visit, session)
    held = policy_view.held_on(found, bought, [product])
    return page(
        visit,
        "policy_clause.html",
        nav="policies",
        here=links.policies(visit.merchant.slug),
        found=quoted(held, claim=claim, product_type=cast(ProductType, product), day=bought),
        version_of=_version_of(found),
        claim=claim,
        claims=_claims(),
        bought=bought,
        product=product,
        product_types=PRODUCT_TYPES,
        kinds={kind: say(title) for kind, title in KINDS.items()},
        item_names=lambda items: ", ".join(say(evidence_item(each).label) for each in items),
    )


def _version_of(found: list[Version]) -> Any:
    by_policy = {id(each.policy): each for each in found}
    return lambda policy: by_policy[id(policy)]


@router.get(BASE + "/{key}")
def policy(key: str, visit: AtMerchant, session: Reader) -> Response:
    found = policy_view.version(visit, session, key)
    return page(
        visit,
        "policy.html",
        nav="policies",
        here=links.policies(visit.merchant.slug),
        each=found,
        kind=say(KINDS[found.policy.kind]),
        names=store_people.names_of(session, {found.by}),
        cases=store_policies.open_cases_with(session, visit.merchant.id, found.sha256),
        paragraphs=[line for line in found.policy.text.split("\n") if line.strip()],
    )


@router.get(BASE + "/{key}/file")
def policy_file(key: str, visit: AtMerchant) -> Response:
    """The stored bytes, as an attachment: a page that was saved is foreign."""
    with visit.runtime.database.reading() as session:
        version = store_policies.version_of(session, visit.merchant.id, key)
    data = visit.runtime.files.get(visit.merchant.id, version.sha256)
    suffix = {"application/pdf": "pdf", "text/html": "html"}.get(version.media_type, "txt")
    name = f"policy-{version.kind}-{version.in_force_from.isoformat()}.{suffix}"
    headers = {"content-disposition": f'attachment; filename="{name}"'}
    return Response(data, media_type="application/octet-stream", headers=headers)


@router.post(BASE + "/{key}/withdraw", dependencies=[needs(Right.SETTINGS)])
def withdraw(key: str, visit: AtMerchant, form: PostedForm, session: Writer) -> Response:
    store_policies.withdraw(session, visit.merchant.id, key, by=visit.by, now=visit.now)
    return back_to(f"{links.policies(visit.merchant.slug)}/{key}", "policy_withdrawn")
