"""Uppy's own packages in a browser, connected as documented: pause, resume, lost connections."""

import base64
import time
from typing import Any
from urllib.parse import parse_qs, urlsplit

import pytest
from playwright.sync_api import BrowserContext, Page, Request, Route
from tests.integration.backend import Backend
from tests.integration.test_direct_uploads import remaining_keys, settled
from tests.integration.users import PASSWORD, User
from tests.support.image_factory import photo

JPEG = photo("jpeg-complete.jpg").content
MIB = 1024 * 1024
PADDING = 20 * MIB
"""With it, the file has three parts of 8 MiB at most."""

pytestmark = pytest.mark.timeout(180)


class Client:
    """A page with Uppy, and the parts that it sent."""

    def __init__(self, page: Page, user: User) -> None:
        self.page = page
        self.user = user
        self.parts_begun: list[int] = []
        page.on("request", self._take_note)

    def add(self, *, content: bytes = JPEG, name: str = "photo.jpg", padding: int = 0) -> None:
        self.page.evaluate(
            "file => addFile(file)",
            {
                "name": name,
                "type": "image/jpeg",
                "base64": base64.b64encode(content).decode(),
                "padding": padding,
            },
        )

    def upload(self) -> dict[str, Any]:
        """Upload the added files and wait for the end."""
        result: dict[str, Any] = self.page.evaluate("() => upload()")
        return result

    def begin_upload(self) -> None:
        self.page.evaluate("() => { window.result = upload() }")

    def wait_for_end(self) -> dict[str, Any]:
        result: dict[str, Any] = self.page.evaluate("() => window.result")
        return result

    def wait_for_part(self, number: int) -> None:
        self.page.evaluate("number => waitForPart(number)", number)

    def image_id(self) -> str:
        found: str = self.page.evaluate("() => uppy.getFiles()[0].meta.imageId")
        return found

    def _take_note(self, request: Request) -> None:
        query = parse_qs(urlsplit(request.url).query)
        if request.method == "PUT" and "partNumber" in query:
            self.parts_begun.append(int(query["partNumber"][0]))


@pytest.fixture
def client(context: BrowserContext, page_url: str, backend: Backend, new_user: User) -> Client:
    page = context.new_page()
    page.goto(page_url)
    page.evaluate(
        "options => startUppy(options)", {"apiUrl": backend.api_url, "token": new_user.access_token}
    )
    return Client(page, new_user)


def require_stored(backend: Backend, client: Client, image_id: str, content: bytes) -> None:
    image = settled(client.user, image_id)
    assert (image["status"], image["size_bytes"]) == ("ready", len(content))
    folder = f"users/{client.user.id}/images/{image_id}"
    assert backend.read_object(f"{folder}/original.jpg") == content
    kept = [f"{folder}/metadata.json", f"{folder}/original.jpg"]
    assert remaining_keys(backend, client.user, *kept) == kept


def test_a_small_file_is_sent_as_a_form(backend: Backend, client: Client) -> None:
    client.add(name="Été.jpg")

    result = client.upload()

    assert result["failed"] == []
    [image_id] = result["successful"]
    require_stored(backend, client, image_id, JPEG)
    assert client.user.api.get(f"/v1/images/{image_id}").json()["filename"] == "Été.jpg"
    assert client.parts_begun == []


def test_several_files_are_sent_at_once(backend: Backend, client: Client) -> None:
    for number in range(4):
        client.add(name=f"photo-{number}.jpg")

    result = client.upload()

    assert len(set(result["successful"])) == 4
    assert {settled(client.user, image_id)["status"] for image_id in result["successful"]} == {"ready"}


def test_a_file_that_is_not_an_image_is_rejected_once_it_has_arrived(client: Client) -> None:
    client.add(content=b"<html></html>")

    [image_id] = client.upload()["successful"]

    assert settled(client.user, image_id)["rejection"]["code"] == "unsupported-image-type"


def test_a_large_file_is_sent_in_parts(backend: Backend, client: Client) -> None:
    client.add(padding=PADDING)

    result = client.upload()

    assert result["failed"] == []
    assert client.parts_begun == [1, 2, 3]
    require_stored(backend, client, result["successful"][0], JPEG + bytes(PADDING))


def test_a_paused_upload_continues_where_it_stopped(backend: Backend, client: Client) -> None:
    client.add(padding=PADDING)
    client.begin_upload()
    client.wait_for_part(1)

    client.page.evaluate("() => uppy.pauseAll()")
    client.page.wait_for_load_state("networkidle")
    begun = list(client.parts_begun)
    client.page.wait_for_timeout(500)
    assert client.parts_begun == begun
    assert 3 not in begun
    listed = client.user.api.get(f"/v1/uploads/{client.image_id()}/parts").json()["items"]
    assert [part["part_number"] for part in listed][:1] == [1]
    client.page.evaluate("() => uppy.resumeAll()")

    result = client.wait_for_end()
    assert result["failed"] == []
    assert client.parts_begun.count(1) == 1
    require_stored(backend, client, result["successful"][0], JPEG + bytes(PADDING))


def test_an_upload_continues_after_a_lost_connection(
    backend: Backend, client: Client, context: BrowserContext
) -> None:
    client.add(padding=PADDING)
    client.begin_upload()
    client.wait_for_part(1)

    context.set_offline(True)
    client.page.wait_for_timeout(1000)
    context.set_offline(False)

    result = client.wait_for_end()
    if result["failed"]:
        result = client.page.evaluate("() => retry()")
    assert result["failed"] == []
    assert client.parts_begun.count(1) == 1
    require_stored(backend, client, result["successful"][0], JPEG + bytes(PADDING))


def test_a_part_whose_connection_breaks_is_sent_again(backend: Backend, client: Client) -> None:
    broken: list[str] = []

    def break_once(route: Route) -> None:
        if not broken:
            broken.append(route.request.url)
            route.abort("connectionreset")
        else:
            route.continue_()

    client.page.route("**/*partNumber=2*", break_once)
    client.add(padding=PADDING)

    result = client.upload()

    assert len(broken) == 1
    assert result["failed"] == []
    assert client.parts_begun == [1, 2, 2, 3]
    require_stored(backend, client, result["successful"][0], JPEG + bytes(PADDING))


def test_an_upload_that_failed_is_resumed_on_retry(backend: Backend, client: Client) -> None:
    client.page.route("**/*partNumber=2*", lambda route: route.abort("connectionreset"))
    client.add(padding=PADDING)
    failed = client.upload()
    assert failed["successful"] == []
    assert client.user.api.get(f"/v1/images/{client.image_id()}").json()["status"] == "pending"

    client.page.unroute("**/*partNumber=2*")
    result = client.page.evaluate("() => retry()")

    assert result["failed"] == []
    assert client.parts_begun.count(1) == 1
    require_stored(backend, client, result["successful"][0], JPEG + bytes(PADDING))


def test_a_cancelled_upload_is_given_up(backend: Backend, client: Client) -> None:
    client.add(padding=PADDING)
    client.begin_upload()
    client.wait_for_part(1)
    image_id = client.image_id()

    client.page.evaluate("() => uppy.cancelAll()")

    for _ in range(100):
        if client.user.api.get(f"/v1/images/{image_id}").status_code == 404:
            break
        time.sleep(0.1)
    assert client.user.api.get(f"/v1/images/{image_id}").status_code == 404
    assert remaining_keys(backend, client.user) == []


def test_what_the_api_refuses_is_shown_to_the_user(client: Client) -> None:
    client.page.evaluate(
        "() => uppy.addFile({name: 'a.svg', type: 'image/svg+xml', data: new Blob(['<svg/>'])})"
    )

    message = client.page.evaluate(
        "() => upload().then(result => result.failed[0], error => error.message)"
    )

    assert "content_type must be one of" in message


def test_the_example_page_uploads_and_shows_photos(
    context: BrowserContext, page_url: str, backend: Backend, new_user: User
) -> None:
    page = context.new_page()
    complaints: list[str] = []
    page.on("console", lambda message: complaints.append(message.text))
    page.on("pageerror", lambda error: complaints.append(str(error)))
    page.goto(page_url.replace("index.html", "uppy_page.html"))
    page.get_by_label("API").fill(backend.api_url)
    page.get_by_label("E-mail").fill(new_user.email)
    page.get_by_label("Password").fill(PASSWORD)
    page.get_by_role("button", name="Log in").click()

    file = {"name": "Été.jpg", "mimeType": "image/jpeg", "buffer": JPEG}
    page.locator("#uppy input[type=file]").first.set_input_files([file])
    page.get_by_role("button", name="Upload 1 file").click()

    page.get_by_text("Été.jpg: ready").wait_for()
    page.wait_for_function("() => document.querySelector('li img')?.naturalWidth > 0")
    assert complaints == []
