"""The gallery of the page: scrolling, order, filters, selection, keyboard."""

import json
import re
from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from playwright.sync_api import Browser
from tests.browser.fake_library import FakeLibrary
from tests.browser.visitor import Visitor
from tests.integration.users import User

Shown = Callable[[int], FakeLibrary]

_SCROLL_THROUGH = """async () => {
  let most = 0;
  const begun = performance.now();
  while (performance.now() - begun < 60_000) {
    scrollBy(0, innerHeight * 4);
    await new Promise((resolve) => requestAnimationFrame(() => setTimeout(resolve, 15)));
    most = Math.max(most, document.querySelectorAll(".grid .tile").length);
    if (document.querySelector(".tile[aria-posinset='2000']")) return most;
  }
  throw new Error("There is no end.");
}"""

_ALL_PICTURES_ARE_THERE = (
    "() => [...document.querySelectorAll('.grid .tile')].every((one) => one.querySelector('img.loaded'))"
)


@pytest.fixture
def shown(visitor: Visitor, user: User) -> Shown:
    """Show a library with this many images."""

    def show(size: int) -> FakeLibrary:
        library = FakeLibrary(visitor.page, visitor.storage_url, size)
        visitor.log_in(user)
        visitor.page.locator(".tile img.loaded").first.wait_for()
        return library

    return show


def test_two_thousand_photos_scroll_without_a_long_task(
    browser: Browser, visitor: Visitor, user: User
) -> None:
    library = FakeLibrary(visitor.page, visitor.storage_url, 2000, has_own_pictures=False)
    visitor.log_in(user)
    visitor.page.locator(".tile img.loaded").first.wait_for()
    browser.start_tracing(page=visitor.page, categories=["toplevel"])

    most = visitor.page.evaluate(_SCROLL_THROUGH)

    longest = longest_task_ms(json.loads(browser.stop_tracing()))
    assert most < 150
    assert [int(query.get("cursor", 0)) for query in library.queries] == list(range(0, 2000, 100))
    assert 0 < longest <= 200


def longest_task_ms(trace: dict[str, Any]) -> float:
    """Return the most processor time that the page's thread took for one task, regardless of other load."""
    events = trace["traceEvents"]
    threads = {
        (one["pid"], one["tid"]): one["args"]["name"] for one in events if one["name"] == "thread_name"
    }
    tasks = [
        one["tdur"] / 1000
        for one in events
        if "tdur" in one and threads.get((one["pid"], one["tid"])) == "CrRendererMain"
    ]
    return float(max(tasks))


def test_no_picture_is_loaded_twice_however_often_its_url_changes(visitor: Visitor, shown: Shown) -> None:
    library = shown(60)
    visitor.page.evaluate("() => scrollTo(0, 99999)")
    visitor.photo("DSC_00059.jpg").wait_for()
    visitor.page.evaluate("() => scrollTo(0, 0)")
    visitor.page.get_by_label("Order").select_option("created_at")
    visitor.tiles().first.get_by_role("link", name="DSC_00059.jpg").wait_for()
    visitor.page.wait_for_function(_ALL_PICTURES_ARE_THERE)

    loaded = [re.sub(r"\?.*", "", url) for url in library.pictures]
    assert len(loaded) == len(set(loaded))


def test_an_expired_url_is_requested_again(visitor: Visitor, shown: Shown) -> None:
    library = shown(40)
    library.url_lifetime = timedelta(seconds=1)
    visitor.page.reload()
    visitor.page.locator(".tile").first.wait_for()
    library.url_lifetime = timedelta(minutes=20)

    visitor.page.locator(".tile img.loaded").first.wait_for()


def test_order_and_filters_are_those_of_the_api(visitor: Visitor, shown: Shown) -> None:
    library = shown(30)
    visitor.page.get_by_label("Order").select_option("-captured_at")
    visitor.page.get_by_role("heading", name="March 2026").wait_for()
    visitor.button("Filter").click()
    visitor.field("File name").fill("0001")
    visitor.field("Camera").fill("canon")
    visitor.field("Taken from").fill("2026-01-31")
    visitor.field("Place").select_option("false")
    visitor.button("Apply").click()
    visitor.page.get_by_text("“0001”").wait_for()

    assert library.queries[-1] == {
        "sort": "-captured_at",
        "status": "ready",
        "filename": "0001",
        "camera": "canon",
        "captured_from": "2026-01-31",
        "has_location": "false",
        "limit": "100",
    }
    visitor.page.wait_for_function("() => document.querySelectorAll('.tile').length === 11")
    with visitor.page.expect_response(re.compile(r"/v1/images\?")):
        visitor.button("Remove filter canon").click()
    assert "camera" not in library.queries[-1]
    visitor.button("Filter").click()
    visitor.field("File name").fill("no such name")
    visitor.button("Apply").click()
    visitor.heading("No photos match").wait_for()


def test_many_photos_are_selected_and_deleted_at_once(visitor: Visitor, shown: Shown) -> None:
    library = shown(250)
    visitor.button("Select").click()
    visitor.photo("DSC_00002.jpg").click()
    visitor.page.get_by_role("checkbox", name="Select DSC_00006.jpg").click(modifiers=["Shift"])
    visitor.is_seen("5 selected")
    visitor.button("Delete").click()
    visitor.heading("Delete 5 photos?").wait_for()
    visitor.button("Delete").click()
    visitor.is_seen("5 photos deleted.")

    assert library.deleted == [f"image-{number:05}" for number in range(2, 7)]
    assert visitor.page.get_by_role("checkbox", name="Select DSC_00003.jpg").count() == 0
    assert visitor.page.get_by_role("toolbar").count() == 0


def test_the_gallery_is_walked_by_keyboard(visitor: Visitor, shown: Shown) -> None:
    shown(200)
    focused = "() => document.activeElement.closest('.tile')?.querySelector('a').ariaLabel.slice(0, 13)"
    press = visitor.page.keyboard.press
    visitor.page.locator(".tile a").first.focus()
    press("ArrowRight")
    assert visitor.page.evaluate(focused) == "DSC_00001.jpg"
    press("ArrowDown")
    below = visitor.page.evaluate(focused)
    assert below not in {"DSC_00000.jpg", "DSC_00001.jpg", None}
    press("ArrowUp")
    assert visitor.page.evaluate(focused) in {"DSC_00000.jpg", "DSC_00001.jpg"}
    press("Space")
    visitor.is_seen("1 selected")
    press("Escape")
    for _ in range(30):
        press("ArrowDown")
    assert visitor.page.evaluate("() => scrollY") > 1000
    assert visitor.page.evaluate(focused) is not None
    press("Home")
    visitor.page.wait_for_function("() => scrollY < 100")

    press("Enter")
    visitor.heading("DSC_00000.jpg").wait_for()
    press("ArrowRight")
    visitor.heading("DSC_00001.jpg").wait_for()
    press("Escape")
    visitor.page.wait_for_function(f"() => ({focused})() === 'DSC_00001.jpg'")


def test_loading_can_be_retried_after_a_failure(visitor: Visitor, new_user: User) -> None:
    visitor.may_lose_connections = True
    visitor.page.route(re.compile("/v1/images"), lambda route: route.abort("internetdisconnected"))
    visitor.log_in(new_user)
    visitor.is_seen("There is no connection. Please try again.")
    visitor.page.unroute(re.compile("/v1/images"))

    visitor.button("Try again").click()

    visitor.heading("No photos yet").wait_for()
