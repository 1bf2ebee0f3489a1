"""The checklist of a new shop."""

from __future__ import annotations

from disputes import links
from disputes.models import Merchant
from tests.web.desk import Browser, Desk, words


def shop(desk: Desk, **changes: object) -> tuple[Browser, Merchant]:
    person = desk.person()
    merchant = desk.shop(person, **changes)
    return desk.signed_in(person), merchant


def test_it_stands_on_the_queue_and_says_what_is_next(desk: Desk) -> None:
    browser, merchant = shop(desk)
    page = words(browser.get(links.queue(merchant.slug)))
    assert "Connect a payment account" in page
    assert "of 6 done" in page
    desk.case(merchant)
    page = browser.get(links.queue(merchant.slug))
    assert "Stripe, PayPal or Square, with a key" not in page.text, "a step that is done needs no words any more"
    assert "Connect what proves the sale" in words(page)


def test_a_step_can_be_skipped_and_the_list_be_ended_and_taken_up_again(desk: Desk) -> None:
    browser, merchant = shop(desk)
    browser.post(f"{links.welcome(merchant.slug)}/skip", step="sources")
    assert "Connect what proves the sale skipped" in words(browser.get(links.welcome(merchant.slug)))
    browser.post(f"{links.welcome(merchant.slug)}/skip", step="all")
    assert "Setting up" not in browser.get(links.queue(merchant.slug)).text
    browser.post(f"{links.welcome(merchant.slug)}/again")
    assert "Connect what proves the sale skipped" not in words(browser.get(links.welcome(merchant.slug)))


def test_an_unknown_step_is_refused(desk: Desk) -> None:
    browser, merchant = shop(desk)
    assert browser.post(f"{links.welcome(merchant.slug)}/skip", step="filing").status_code == 422


def test_the_demo_shop_has_nothing_to_set_up(desk: Desk) -> None:
    browser, merchant = shop(desk, is_demo=True)
    assert "Setting up" not in browser.get(links.queue(merchant.slug)).text
    assert "There is nothing left to set up here" in words(browser.get(links.welcome(merchant.slug)))
