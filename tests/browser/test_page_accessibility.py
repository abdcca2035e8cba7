"""The page for everybody: screen readers, keyboards, phones, light and dark."""

from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser, BrowserContext
from tests.browser.fake_library import FakeLibrary
from tests.browser.visitor import AXE, Visitor
from tests.integration.backend import Backend
from tests.integration.users import PASSWORD, User
from tests.support.availability import unavailable
from tests.support.image_factory import photo

DESKTOP = {"viewport": {"width": 1280, "height": 800}, "color_scheme": "light"}
PHONE = {
    "viewport": {"width": 360, "height": 740},
    "color_scheme": "dark",
    "is_mobile": True,
    "has_touch": True,
}

_CUT_OFF = """() => [...document.querySelectorAll("button, a, input, select")]
  .filter((one) => one.checkVisibility() && one.getBoundingClientRect().width > 0)
  .filter((one) => {
    const { left, right } = one.getBoundingClientRect();
    return left < 0 || right > document.documentElement.clientWidth;
  })
  .map((one) => one.outerHTML.slice(0, 100))"""

pytestmark = pytest.mark.timeout(180)


@pytest.fixture
def context(browser: Browser, request: pytest.FixtureRequest) -> Iterator[BrowserContext]:
    """A screen as the test requires it, without animations."""
    context = browser.new_context(reduced_motion="reduce", **getattr(request, "param", DESKTOP))
    yield context
    context.close()


def require_good(visitor: Visitor) -> None:
    """Check that axe-core finds nothing serious, and that nothing exceeds the width of the screen."""
    assert visitor.accessibility_findings() == []
    overflow = "() => document.documentElement.scrollWidth - document.documentElement.clientWidth"
    assert visitor.page.evaluate(overflow) == 0
    assert visitor.page.evaluate(_CUT_OFF) == []


@pytest.mark.parametrize("context", [DESKTOP, PHONE], indirect=True, ids=["desktop", "phone"])
def test_every_view_is_for_everybody(visitor: Visitor, new_user: User) -> None:
    if not AXE.exists():
        unavailable("axe-core is not installed; make browser installs it")
    visitor.open()
    visitor.heading("Log in").wait_for()
    require_good(visitor)
    visitor.open("#/register")
    visitor.button("Create account").click()
    require_good(visitor)

    library = FakeLibrary(visitor.page, visitor.storage_url, 60)
    library.images[3] |= {"status": "rejected", "rejection": {"code": "unreadable-image", "detail": "No."}}
    visitor.log_in(new_user)
    visitor.page.locator(".tile img.loaded").first.wait_for()
    visitor.button("Filter").click()
    require_good(visitor)
    visitor.page.keyboard.press("Escape")
    visitor.button("Select").click()
    visitor.page.locator(".tile a").first.click()
    visitor.choose_files({"name": "notes.txt", "mimeType": "text/plain", "buffer": b"No photo."})
    visitor.is_seen("This file type is not supported.")
    require_good(visitor)
    visitor.button("Delete").click()
    require_good(visitor)
    visitor.page.keyboard.press("Escape")
    visitor.button("Close uploads").click()
    visitor.button("Cancel selection").click()

    visitor.page.locator(".tile a").nth(1).click()
    visitor.heading("DSC_00001.jpg").wait_for()
    visitor.page.get_by_text("All metadata").click()
    visitor.page.locator(".tree").first.wait_for()
    require_good(visitor)
    visitor.button("Edit").click()
    require_good(visitor)
    visitor.button("Cancel").click()

    visitor.open("#/account")
    visitor.button("Set up").click()
    visitor.field("Code").wait_for()
    require_good(visitor)
    visitor.button("Cancel").click()
    require_good(visitor)


def test_a_keyboard_is_enough(visitor: Visitor, backend: Backend, new_user: User) -> None:
    press, write = visitor.page.keyboard.press, visitor.page.keyboard.type

    def tab_to(text: str) -> None:
        """Press Tab until the element with this name has the focus."""
        called = (
            "() => { const e = document.activeElement; return e.getAttribute('aria-label') ?? e.innerText }"
        )
        for _ in range(30):
            press("Tab")
            if visitor.page.evaluate(called).startswith(text):
                return
        raise AssertionError(f"the focus never comes to {text}")

    visitor.open()
    visitor.heading("Log in").wait_for()
    write(new_user.email)
    press("Tab")
    write(PASSWORD)
    press("Enter")
    visitor.heading("No photos yet").wait_for()
    tab_to("Choose photos")
    with visitor.page.expect_file_chooser() as chooser:
        press("Enter")
    file = {"name": "a.jpg", "mimeType": "image/jpeg", "buffer": photo("jpeg-complete.jpg").content}
    chooser.value.set_files([file])
    visitor.heading("1 photo uploaded").wait_for()
    tab_to("Close uploads")
    press("Enter")

    visitor.page.locator("body").focus()
    tab_to("a.jpg, ")
    press("Enter")
    visitor.heading("a.jpg").wait_for()
    press("Escape")
    press("Space")
    visitor.is_seen("1 selected")
    tab_to("Delete")
    press("Enter")
    visitor.heading("Delete 1 photo?").wait_for()
    tab_to("Delete")
    press("Enter")
    visitor.heading("No photos yet").wait_for()
    tab_to("Account")
    press("Enter")
    visitor.heading("Account").wait_for()
    tab_to("Log out")
    press("Enter")
    visitor.is_seen("You are logged out.")
