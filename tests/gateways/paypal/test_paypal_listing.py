"""Both ways of PayPal's paging, its window of 180 days, and the 2,500 disputes at which numbered pages end."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from disputes.ports import GatewayError
from gateways.paypal import listing
from gateways.paypal.contract import DISPUTES
from gateways.paypal.listing import Place
from gateways.paypal.values import instant, rfc3339

NOW = datetime(2026, 11, 22, 9, 0, tzinfo=UTC)


class List:
    """PayPal's list over (id, update time), newest first; `style` is how it tells that there is more."""

    def __init__(self, times: list[datetime], *, style: str = "page", host: str = "api.paypal.com") -> None:
        self.times = sorted(times, reverse=True)
        self.lines = [
            {"dispute_id": f"PP-D-{number}", "update_time": rfc3339(at)} for number, at in enumerate(self.times)
        ]
        self.style, self.host = style, host
        self.asked: list[dict[str, str]] = []

    def read(self, path: str, query: Mapping[str, str]) -> Any:
        assert path == DISPUTES
        self.asked.append(dict(query))
        after, before = instant(query.get("update_time_after")), instant(query.get("update_time_before"))
        found = [
            line
            for line, at in zip(self.lines, self.times, strict=True)
            if (after is None or at >= after) and (before is None or at <= before)
        ]
        page = int(query.get("page", query.get("next_page_token", "1"))) if self.style != "deaf" else 1
        assert 1 <= page <= 50 or self.style == "token"
        size = int(query.get("page_size", "50"))
        answer: dict[str, Any] = {"items": found[(page - 1) * size : page * size], "links": []}
        if self.style == "token" and len(found) > page * size:
            rest = {name: value for name, value in query.items() if name != "next_page_token"}
            words = "&".join(f"{name}={value}" for name, value in (rest | {"next_page_token": str(page + 1)}).items())
            answer["links"] = [{"rel": "next", "href": f"https://{self.host}{DISPUTES}?{words}", "method": "GET"}]
        return answer


def trusted(host: str) -> bool:
    return host == "api.paypal.com"


def everything(one: List, *, since: datetime | None = None) -> list[str]:
    """All ids in the order of reading, each place having gone through its text as between two processes."""
    found: list[str] = []
    place: Place | None = Place.start(since, NOW)
    while place is not None:
        lines, place = listing.page(one.read, Place.at(place.cursor()), NOW, trusted=trusted)
        found += [str(line["dispute_id"]) for line in lines]
    return found


def days(*ago: float) -> list[datetime]:
    return [NOW - timedelta(days=each) for each in ago]


def spread(number: int, *, over: timedelta = timedelta(days=170)) -> list[datetime]:
    return [NOW - over * each / number for each in range(number)]


@pytest.mark.parametrize("style", ["token", "page"])
@pytest.mark.parametrize("number", [0, 1, 49, 50, 51, 100, 130])
def test_every_dispute_is_read_once_in_both_styles(style: str, number: int) -> None:
    one = List(spread(number), style=style)
    assert everything(one) == [line["dispute_id"] for line in one.lines]


def test_a_small_shop_costs_one_call() -> None:
    one = List(days(1, 20, 170))
    everything(one)
    assert len(one.asked) == 1


@pytest.mark.parametrize("style", ["token", "page"])
def test_more_than_the_numbered_pages_hold_are_all_read(style: str) -> None:
    """Page 50 of 50 is the last that can be asked for; what lies behind it would be lost without a word."""
    one = List(spread(6000), style=style)
    assert set(everything(one)) == {line["dispute_id"] for line in one.lines}


def test_a_window_that_holds_too_many_is_halved_before_anything_of_it_is_read() -> None:
    one = List(spread(2600))
    found = everything(one)
    twice = len(found) - len(set(found))
    assert len(set(found)) == 2600
    assert twice <= 2, "neighbouring windows share a second and nothing else"


def test_more_of_one_second_than_can_be_listed_is_said_and_not_cut() -> None:
    with pytest.raises(GatewayError, match="more disputes of one moment"):
        everything(List([NOW - timedelta(days=3)] * 2600))


def test_a_list_that_knows_no_page_numbers_is_read_once_and_ends() -> None:
    one = List(spread(50), style="deaf")
    assert everything(one) == [line["dispute_id"] for line in one.lines]


def test_a_next_link_to_another_host_is_not_followed_and_pages_are_counted() -> None:
    one = List(spread(70), style="token", host="api.paypal.com.evil.example")
    assert everything(one)[:50] == [f"PP-D-{number}" for number in range(50)]
    assert one.asked[1]["page"] == "50"


def test_of_a_next_link_only_the_query_is_used() -> None:
    asked: list[tuple[str, dict[str, str]]] = []

    def read(path: str, query: Mapping[str, str]) -> Any:
        asked.append((path, dict(query)))
        link = {"rel": "next", "href": f"https://api.paypal.com{DISPUTES}?next_page_token=a%2Bb%3D", "method": "GET"}
        return {"items": [{"dispute_id": "PP-D-1"}], "links": [link] if len(asked) == 1 else []}

    _, place = listing.page(read, Place.start(None, NOW), NOW, trusted=trusted)
    assert place is not None
    listing.page(read, Place.at(place.cursor()), NOW, trusted=trusted)
    assert asked[1] == (DISPUTES, {"next_page_token": "a+b="})


def test_nothing_older_than_paypals_window_is_asked_for() -> None:
    one = List(days(1))
    everything(one, since=NOW - timedelta(days=300))
    after = instant(one.asked[0]["update_time_after"])
    assert after is not None
    assert timedelta(days=179) < NOW - after < timedelta(days=180)


def test_a_cursor_that_slept_is_brought_back_into_the_window() -> None:
    place = Place.start(None, NOW - timedelta(days=30))
    one = List(days(1))
    listing.page(one.read, place, NOW, trusted=trusted)
    after = instant(one.asked[0]["update_time_after"])
    assert after is not None
    assert NOW - after < timedelta(days=180)


def test_no_state_is_asked_for_because_a_list_of_them_is_refused() -> None:
    one = List(days(1))
    everything(one)
    assert "dispute_state" not in one.asked[0]


def test_lines_that_name_no_dispute_are_left_out_and_the_rest_is_kept(caplog: pytest.LogCaptureFixture) -> None:
    answer = {"items": [{"dispute_id": "../x"}, {"dispute_id": "PP-D-1"}, "what", {}]}
    lines, place = listing.page(lambda _path, _query: answer, Place.start(None, NOW), NOW, trusted=trusted)
    assert ([line["dispute_id"] for line in lines], place) == (["PP-D-1"], None)
    assert "name no dispute" in caplog.text


def test_of_a_link_the_cursor_keeps_what_our_own_question_does_not_say() -> None:
    one = List(spread(70), style="token")
    _, place = listing.page(one.read, Place.start(None, NOW), NOW, trusted=trusted)
    assert place is not None
    assert place.following == "+next_page_token=2"
    listing.page(one.read, Place.at(place.cursor()), NOW, trusted=trusted)
    assert one.asked[1] == one.asked[0] | {"next_page_token": "2"}


def test_a_cursor_of_numbered_pages_fits_its_column() -> None:
    place = Place(floor=1_795_000_000, after=1_795_000_000, before=1_795_999_999, page=50, first="PP-R-" + "X" * 40)
    assert len(place.cursor()) <= 120
