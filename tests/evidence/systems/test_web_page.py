"""Policies by address, over real HTTP, from pages with navigation, scripts and hidden words around them."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, date, datetime
from typing import Any

import pytest

from disputes.clock import FixedClock
from disputes.facts import Policy
from disputes.systems import Batch, Outside, SourceError, SourceFailure
from evidence.sandbox.launch import in_thread
from evidence.sandbox.world import World
from evidence.systems.page_text import page_text
from evidence.systems.web_page import MAX_PAGES, WebPages
from tests.evidence.systems.builders import world

WORDS = "You may send anything back within thirty days of its arrival, and we refund the price to your card."
SINCE = datetime(2025, 11, 1, tzinfo=UTC)
NIGHT = datetime(2026, 11, 22, 22, 30, tzinfo=UTC)
"""In Istanbul the next day has begun."""


def policy(**changes: Any) -> dict[str, Any]:
    return {
        "id": 1, "kind": "return", "title": "Returns", "html": f"<p>{WORDS}</p>",
        "url": "https://lumen.example/policies/returns", "created_at": "2025-01-01T09:00:00+00:00",
        "updated_at": "2025-01-01T09:00:00+00:00",
    } | changes  # fmt: skip


def watched(address: str, pages: str = "return = /policies/returns", *, now: datetime = NIGHT) -> WebPages:
    outside = Outside(FixedClock(now), seconds=20.0, loopback=True, zone="Europe/Istanbul")
    return WebPages({"site": f"{address}/web_page", "pages": pages}, outside)


@contextmanager
def site(*policies: dict[str, Any], **account: Any) -> Iterator[tuple[World, str]]:
    told = world(policies=list(policies), accounts={"web_page": account})
    with in_thread(told) as address:
        yield told, address


def pulled(system: WebPages, cursor: str | None = None) -> list[Batch]:
    return list(system.pull(cursor, since=SINCE))


def versions(batches: list[Batch]) -> list[Policy]:
    return [fact for batch in batches for kept in batch.records for fact in kept.facts if isinstance(fact, Policy)]


@pytest.mark.parametrize("plain", [False, True])
def test_only_what_a_visitor_reads_as_the_policy_is_its_text(plain: bool) -> None:
    with site(policy(), plain=plain) as (_, address):
        (found,) = versions(pulled(watched(address)))
    assert found.text == f"Returns\n{WORDS}"
    assert found.kind == "return"
    assert found.title.startswith("Return policy at 127.0.0.1:")


def test_a_version_holds_from_the_day_it_was_first_seen_never_earlier() -> None:
    with site(policy()) as (_, address):
        (found,) = versions(pulled(watched(address)))
    assert found.in_force_from == date(2026, 11, 23)
    assert found.shown_where is None


def test_a_page_that_says_the_same_is_not_kept_again() -> None:
    with site(policy()) as (told, address):
        first = pulled(watched(address))
        told.policies[0]["html"] = f"<div><p>{WORDS.replace(' ', '  ')}</p></div>"  # new markup, the same words
        again = pulled(watched(address), first[-1].cursor)
    assert len(versions(first)) == 1
    assert versions(again) == []
    assert again[-1].cursor == first[-1].cursor


def test_changed_words_are_a_new_version_under_the_same_title() -> None:
    with site(policy()) as (told, address):
        first = pulled(watched(address, now=datetime(2026, 10, 1, tzinfo=UTC)))
        told.policies[0]["html"] = f"<p>{WORDS.replace('thirty', 'fourteen')}</p>"
        second = pulled(watched(address), first[-1].cursor)
    (old,), (new,) = versions(first), versions(second)
    assert (old.in_force_from, new.in_force_from) == (date(2026, 10, 1), date(2026, 11, 23))
    assert old.title == new.title
    assert first[0].records[0].external_id != second[0].records[0].external_id


def test_words_that_come_back_are_a_version_of_their_own() -> None:
    with site(policy()) as (told, address):
        batches: list[Batch] = []
        names: list[str] = []
        for day, words in enumerate([WORDS, WORDS.replace("thirty", "fourteen"), WORDS], 1):
            told.policies[0]["html"] = f"<p>{words}</p>"
            cursor = batches[-1].cursor if batches else None
            batches = pulled(watched(address, now=datetime(2026, 10, day, tzinfo=UTC)), cursor)
            names += [kept.external_id for batch in batches for kept in batch.records]
    assert len(set(names)) == 3


def test_the_bytes_are_kept_as_they_came() -> None:
    with site(policy()) as (_, address):
        (kept,) = pulled(watched(address))[0].records
    assert b"visit number 1" in kept.data
    assert kept.media_type == "text/html"
    assert kept.request == f"Web page: GET {address}/web_page/policies/returns"


def test_a_card_number_on_a_page_is_masked_in_text_and_bytes() -> None:
    with site(policy(html=f"<p>{WORDS} Example: 4242 4242 4242 4242</p>")) as (_, address):
        (kept,) = pulled(watched(address))[0].records
    assert b"4242 4242" not in kept.data
    assert versions([Batch((kept,), "")])[0].text.endswith("************4242")


@pytest.mark.parametrize("charset", ["cp1254", "iso-8859-9", "utf-8"])
def test_turkish_pages_are_read_in_their_own_letters(charset: str) -> None:
    words = "Aldığınız ürünü teslim tarihinden itibaren on dört gün içinde gerekçe göstermeden iade edebilirsiniz, ücret iade edilir."  # noqa: E501
    with site(policy(html=f"<p>{words}</p>"), charset=charset) as (_, address):
        (found,) = versions(pulled(watched(address, "iade = /policies/returns")))
    assert words in found.text


# ---- where pages lie -----------------------------------------------------------------------------------------------


def test_a_page_that_moved_on_its_own_machine_is_followed() -> None:
    with site(policy(), moved={"old": "/web_page/older", "older": "/web_page/policies/returns"}) as (_, address):
        assert len(versions(pulled(watched(address, "return = /old")))) == 1


def test_a_page_that_points_to_another_machine_is_not_followed() -> None:
    with (
        site(policy(), moved={"old": "http://169.254.169.254/latest/"}) as (_, address),
        pytest.raises(SourceError, match="another machine"),
    ):
        pulled(watched(address, "return = /old"))


def test_a_page_that_moves_without_end_is_left() -> None:
    with site(policy(), moved={"old": "/web_page/old"}) as (_, address), pytest.raises(SourceError, match="moved more"):
        pulled(watched(address, "return = /old"))


@pytest.mark.parametrize("url", ["http://10.0.0.1/terms", "http://[::ffff:10.0.0.1]/", "ftp://lumen.example/terms"])
def test_an_address_inside_a_network_is_never_called(url: str) -> None:
    with site(policy()) as (_, address), pytest.raises(SourceError) as error:
        pulled(watched(address, f"terms = {url}"))
    assert error.value.failure is SourceFailure.REFUSED


def test_a_page_that_cannot_be_read_is_named_and_the_others_come() -> None:
    pages = "return = /policies/returns, terms = /nothing; nonsense = /policies/returns"
    with site(policy()) as (_, address):
        batches = pulled(watched(address, pages))
    assert len(versions(batches)) == 1
    assert any("'nonsense = /policies/returns' is not watched" in each for each in batches[-1].refused)
    assert any(each.startswith("The page /web_page/nothing") for each in batches[-1].refused)


def test_a_page_that_is_down_for_a_moment_makes_no_version() -> None:
    with site(policy()) as (told, address):
        first = pulled(watched(address))
        kept = told.policies.pop()
        with pytest.raises(SourceError):
            pulled(watched(address), first[-1].cursor)
        told.policies.append(kept)
        assert versions(pulled(watched(address), first[-1].cursor)) == []


@pytest.mark.parametrize(
    ("changes", "said"),
    [
        ({"media_type": "application/pdf"}, "upload it instead"),
        ({"html": "<div id='root'></div>"}, "says next to nothing"),
        ({"html": "<div>" * 600 + WORDS}, "too deep"),
    ],
)
def test_what_is_no_page_with_words_is_refused(changes: dict[str, str], said: str) -> None:
    account = {"media_type": changes["media_type"]} if "media_type" in changes else {}
    told = policy(**({"html": changes["html"]} if "html" in changes else {}))
    with site(told, plain=True, **account) as (_, address), pytest.raises(SourceError, match=said):
        pulled(watched(address))


# ---- the connect page ----------------------------------------------------------------------------------------------


def test_the_account_is_the_site_and_warns_of_pages_that_are_not_there() -> None:
    with site(policy()) as (_, address):
        account = watched(address, "return = /policies/returns, terms = /nothing").account()
    assert account.account_id == f"{address.removeprefix('http://')}/web_page"
    assert len(account.warnings) == 1


def test_without_a_page_that_can_be_read_nothing_is_connected() -> None:
    with site(policy()) as (_, address):
        with pytest.raises(SourceError):
            watched(address, "terms = /nothing").account()
        with pytest.raises(SourceError, match="No page is named"):
            watched(address, "").account()


def test_more_pages_than_a_cursor_holds_are_refused_by_name() -> None:
    pages = ", ".join(f"terms = /p{n}" for n in range(MAX_PAGES + 1))
    with site(policy()) as (_, address):
        system = watched(address, f"return = /policies/returns, {pages}")
        batches = pulled(system)
    assert sum("is not watched" in each for each in batches[-1].refused) == 2


# ---- what a visitor reads ------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "around",
    [
        "<nav>{}</nav>", "<footer>{}</footer>", "<script>{}</script>", "<div hidden>{}</div>",
        "<div role='banner'>{}</div>", "<div class='cookie-consent'>{}</div>", "<p style='display:none'>{}</p>",
        "<p style='font-size:0'>{}</p>", "<template>{}</template>",
        "<style>.x{{display:none}}</style><p class=x>{}</p>",
        "<form><button>{}</button></form>", "<div role='dialog'><p>{}</p></div>",
    ],
)  # fmt: skip
def test_what_surrounds_or_hides_is_left_out(around: str) -> None:
    assert page_text(f"<body><p>{WORDS}</p>{around.format('Final sale')}</body>") == WORDS


def test_tables_and_lists_stay() -> None:
    text = page_text(f"<main><p>{WORDS}</p><ul><li>Lamps</li></ul><table><tr><td>EU</td></tr></table></main>")
    assert text.split("\n")[1:] == ["Lamps", "EU"]


def test_less_than_and_and_stay_as_they_are_written() -> None:
    assert page_text(f"<p>{WORDS} Orders &lt; 50 EUR &amp; gifts</p>").endswith("Orders < 50 EUR & gifts")
