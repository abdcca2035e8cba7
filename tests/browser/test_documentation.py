"""The documentation page in a browser, under its own Content-Security-Policy."""

from playwright.sync_api import BrowserContext
from tests.integration.backend import Backend


def test_the_api_can_be_read_and_tried(context: BrowserContext, backend: Backend) -> None:
    page = context.new_page()
    complaints: list[str] = []
    page.on("console", lambda message: complaints.append(message.text))
    page.on("pageerror", lambda error: complaints.append(str(error)))

    page.goto(f"{backend.api_url}/docs")
    page.click("text=Check the service")
    page.click("text=Try it out")
    page.click("button.execute")

    page.wait_for_selector('.live-responses-table :text("ok")')
    assert complaints == []


def test_no_page_can_frame_it(context: BrowserContext, backend: Backend) -> None:
    page = context.new_page()
    complaints: list[str] = []
    page.on("console", lambda message: complaints.append(message.text))

    page.set_content(f'<iframe src="{backend.api_url}/docs"></iframe>')

    assert any("frame-ancestors" in text for text in complaints)
