"""The page and uploads: many at once, pauses, lost connections, reloads, refusals."""

import re
from collections.abc import Callable
from pathlib import Path
from urllib.parse import parse_qs, urlsplit

import pytest
from playwright.sync_api import Request, Response, Route
from tests.browser.fake_library import FakeLibrary
from tests.browser.visitor import Visitor
from tests.integration.backend import Backend
from tests.integration.users import User
from tests.support.image_factory import photo

JPEG = photo("jpeg-complete.jpg").content
MIB = 1024 * 1024
LARGE = JPEG + bytes(18 * MIB)
"""What follows the end of a JPEG belongs to no image, but to the file: three parts of 8 MiB at most."""
SMALL_UPLOADS = re.compile("/v1/images$")
PART_2 = re.compile("partNumber=2")

pytestmark = pytest.mark.timeout(120)


@pytest.fixture
def large(tmp_path: Path) -> Path:
    """A file that is sent in parts; the same one each time it is chosen."""
    file = tmp_path / "panorama.jpg"
    file.write_bytes(LARGE)
    return file


@pytest.fixture
def uploader(visitor: Visitor, new_user: User) -> Visitor:
    visitor.log_in(new_user)
    visitor.heading("No photos yet").wait_for()
    return visitor


def small(number: int, content: bytes = JPEG) -> dict[str, object]:
    return {"name": f"photo-{number}.jpg", "mimeType": "image/jpeg", "buffer": content}


def parts_begun(visitor: Visitor) -> list[int]:
    """The numbers of the parts that are sent from now on, in order."""
    begun: list[int] = []

    def take_note(request: Request) -> None:
        query = parse_qs(urlsplit(request.url).query)
        if request.method == "PUT" and "partNumber" in query:
            begun.append(int(query["partNumber"][0]))

    visitor.page.on("request", take_note)
    return begun


def names_of(user: User) -> list[str]:
    ids = [one["id"] for one in user.api.get("/v1/images").json()["items"]]
    return sorted(user.api.get(f"/v1/images/{one}").json()["filename"] for one in ids)


def most_at_once(visitor: Visitor) -> Callable[[], int]:
    """Count small uploads. Returns a function that returns how many were in progress at most."""
    under_way: set[Request] = set()
    counts = [0]

    def begin(request: Request) -> None:
        if request.method == "POST" and request.url.endswith("/v1/images"):
            under_way.add(request)
            counts.append(len(under_way))

    def end(response: Response) -> None:
        under_way.discard(response.request)

    visitor.page.on("request", begin)
    # The page hears of the answer, and goes on, once its head is there.
    visitor.page.on("response", end)
    return lambda: max(counts)


def test_five_hundred_photos_are_sent_four_at_a_time_and_refusals_are_shown(
    visitor: Visitor, user: User
) -> None:
    library = FakeLibrary(visitor.page, visitor.storage_url, 0)
    visitor.log_in(user)
    visitor.heading("No photos yet").wait_for()
    most = most_at_once(visitor)

    visitor.choose_files(*(small(number, b"made up") for number in range(500)))

    visitor.page.get_by_role("heading", name=re.compile(r"^Uploading \d+ of 500$")).wait_for()
    assert visitor.page.get_by_label("All uploads").is_visible()
    visitor.is_seen("more waiting.")
    visitor.heading("490 uploaded, 10 not").wait_for(timeout=90_000)
    assert (most(), library.uploads) == (4, 500)
    refused = visitor.page.locator(".upload.refused").all_inner_texts()
    assert len(refused) == 10
    assert all(re.match(r"photo-\d+\.jpg\s+It is damaged\.", row) for row in refused)
    assert visitor.tiles().first.get_attribute("aria-setsize") == "490"


def test_many_photos_are_sent_four_at_a_time(uploader: Visitor, new_user: User) -> None:
    most = most_at_once(uploader)
    uploader.choose_files(*map(small, range(9)))

    uploader.heading("9 photos uploaded").wait_for()
    assert most() == 4
    assert uploader.tiles().count() == 9
    assert names_of(new_user) == [f"photo-{number}.jpg" for number in range(9)]
    uploader.button("Close uploads").click()
    assert uploader.heading("9 photos uploaded").count() == 0


def test_a_file_that_is_not_a_photo_is_refused_and_the_rest_continues(uploader: Visitor) -> None:
    uploader.choose_files(
        {"name": "notes.txt", "mimeType": "text/plain", "buffer": b"Not a photo."},
        {"name": "fake.jpg", "mimeType": "image/jpeg", "buffer": b"<html></html>"},
        {"name": "empty.png", "mimeType": "image/png", "buffer": b""},
        small(1),
    )

    uploader.heading("1 uploaded, 3 not").wait_for()
    rows = uploader.page.locator(".upload").all_inner_texts()
    reasons = {row.split("\n")[0]: row.split("\n")[1] for row in rows}
    assert reasons["notes.txt"] == "This file type is not supported."
    assert reasons["empty.png"] == "The file is empty."
    assert reasons["fake.jpg"]
    assert uploader.tiles().count() == 1


def test_a_lost_answer_makes_no_second_photo(uploader: Visitor, new_user: User) -> None:
    """The request arrives but its response does not: the same key gives the same image."""

    def lose_answer(route: Route) -> None:
        route.fetch()
        route.abort("connectionreset")

    uploader.may_lose_connections = True
    uploader.page.route(SMALL_UPLOADS, lose_answer, times=1)
    uploader.choose_files(small(1))

    uploader.heading("1 photo uploaded").wait_for()
    assert names_of(new_user) == ["photo-1.jpg"]


def test_a_large_photo_is_paused_and_resumed_where_it_was(
    uploader: Visitor, new_user: User, large: Path
) -> None:
    begun = parts_begun(uploader)
    uploader.page.route(PART_2, lambda _: uploader.button("Pause panorama.jpg").click())
    uploader.choose_files(large)
    uploader.is_seen("Paused")
    uploader.page.unroute(PART_2)
    assert begun == [1, 2]

    uploader.button("Resume panorama.jpg").click()

    uploader.heading("1 photo uploaded").wait_for()
    assert begun == [1, 2, 2, 3]
    [image] = new_user.api.get("/v1/images").json()["items"]
    assert (image["status"], image["size_bytes"]) == ("ready", len(LARGE))
    assert uploader.tiles().count() == 1


def test_a_lost_connection_is_waited_for(uploader: Visitor, large: Path) -> None:
    begun = parts_begun(uploader)

    def lose_connection(route: Route) -> None:
        uploader.context.set_offline(True)
        route.abort("internetdisconnected")

    uploader.may_lose_connections = True
    uploader.page.route(PART_2, lose_connection, times=1)
    uploader.choose_files(large)
    uploader.is_seen("You are offline.")
    uploader.is_seen("Waiting for a connection")

    uploader.context.set_offline(False)

    uploader.heading("1 photo uploaded").wait_for()
    assert begun.count(1) == 1


def test_after_a_reload_the_same_files_are_resumed_or_skipped(
    uploader: Visitor, new_user: User, large: Path, tmp_path: Path
) -> None:
    done = tmp_path / "done.jpg"
    done.write_bytes(JPEG)
    uploader.page.route(PART_2, lambda _: None)
    uploader.choose_files(done, large)
    uploader.tiles().first.wait_for()
    uploader.is_seen("Uploading 2 of 2")
    uploader.page.wait_for_function("() => Number(document.querySelector('.upload progress').value) >= 8e6")

    uploader.page.on("dialog", lambda dialog: dialog.accept())
    uploader.page.reload()
    uploader.heading("1 upload interrupted").wait_for()
    uploader.page.unroute(PART_2)
    begun = parts_begun(uploader)
    uploader.choose_files(done, large)

    uploader.heading("2 photos uploaded").wait_for()
    uploader.is_seen("1 photo already uploaded.")
    assert begun == [2, 3]
    assert names_of(new_user) == ["done.jpg", "panorama.jpg"]


def test_an_upload_can_be_retried_after_storage_failed(uploader: Visitor, new_user: User) -> None:
    problem = {"code": "service-unavailable", "status": 503, "detail": "Please try again later."}
    uploader.may_lose_connections = True
    uploader.page.route(SMALL_UPLOADS, lambda route: route.fulfill(status=503, json=problem))
    # Waiting is not what is tested here.
    uploader.page.evaluate("() => { const later = setTimeout; setTimeout = (call) => later(call, 0); }")
    uploader.choose_files(small(1))
    uploader.heading("0 uploaded, 1 not").wait_for()
    uploader.is_seen("Please try again later.")
    uploader.page.unroute(SMALL_UPLOADS)

    uploader.button("Try again").click()

    uploader.heading("1 photo uploaded").wait_for()
    assert names_of(new_user) == ["photo-1.jpg"]


def test_an_upload_that_is_given_up_leaves_nothing(
    uploader: Visitor, backend: Backend, new_user: User, large: Path
) -> None:
    uploader.page.route(PART_2, lambda _: uploader.button("Pause panorama.jpg").click())
    uploader.choose_files(large)
    uploader.is_seen("Paused")

    with uploader.page.expect_response(lambda answer: answer.request.method == "DELETE") as given_up:
        uploader.button("Remove panorama.jpg").click()

    assert given_up.value.status == 204
    assert new_user.api.get("/v1/images").json()["items"] == []


def test_folders_can_be_dropped(uploader: Visitor) -> None:
    uploader.page.evaluate(
        """() => {
          const file = (name) => ({
            isFile: true, file: (found) => found(new File([new Uint8Array(9)], name, {type: "text/plain"})),
          });
          const batches = [[file("b.txt")], [file("c.txt")], []];
          const reader = {readEntries: (found) => found(batches.shift())};
          const folder = {isFile: false, createReader: () => reader};
          const items = [file("a.txt"), folder].map((entry) => ({webkitGetAsEntry: () => entry}));
          const drop = new Event("drop", {bubbles: true, cancelable: true});
          drop.dataTransfer = {types: ["Files"], items, files: []};
          window.dispatchEvent(drop);
        }"""
    )

    uploader.heading("0 uploaded, 3 not").wait_for()
