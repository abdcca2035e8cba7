"""One photo on the page: what is shown about it, and what can be done with it."""

import json
from collections.abc import Callable
from pathlib import Path

import pytest
from tests.browser.fake_library import FakeLibrary
from tests.browser.visitor import Visitor
from tests.integration.users import User
from tests.support.image_factory import photo

Shown = Callable[..., FakeLibrary]


@pytest.fixture
def shown(visitor: Visitor, user: User) -> Shown:
    """Show one of three images, for which a test may set more fields."""

    def show(**members: object) -> FakeLibrary:
        library = FakeLibrary(visitor.page, visitor.storage_url, 3)
        library.images[1].update(members)
        visitor.log_in(user, "#/photo/image-00001")
        return library

    return show


def test_its_summary_is_shown_in_everyday_form(visitor: Visitor, shown: Shown) -> None:
    shown(
        captured_at="2019-05-04T14:05:09+02:00",
        summary={
            "camera_make": "NIKON CORPORATION",
            "camera_model": "NIKON Z 6_2",
            "lens_model": "NIKKOR Z 24-70mm f/4 S",
            "exposure_time_s": 0.004,
            "f_number": 5.6,
            "iso": 100,
            "focal_length_mm": 35,
            "latitude": -33.8568,
            "longitude": 151.2153,
            "altitude_m": 12.4,
            "city": "Sydney",
            "country": "Australia",
            "creators": ["Ada Lovelace"],
            "rating": 4,
        },
        duplicate_of="image-00002",
    )
    visitor.page.locator(".facts").wait_for()

    said = visitor.page.locator(".facts").inner_text().split("\n")
    for line in (
        "4 May 2019, 14:05",
        "NIKON Z 6_2",
        "1/250 s · f/5.6 · ISO 100 · 35 mm",
        "Sydney, Australia",
        "33.8568° S, 151.2153° E · 12 m",
        "3,000 \N{MULTIPLICATION SIGN} 4,000 · 12 MP · JPEG",
        "4.2 MB",
        "Ada Lovelace",
    ):
        assert line in said
    visitor.page.get_by_label("4 of 5 stars").wait_for()
    link = visitor.page.get_by_role("link", name="Open a map")
    assert link.get_attribute("href", timeout=1000) == (
        "https://www.openstreetmap.org/?mlat=-33.8568&mlon=151.2153#map=15/-33.8568/151.2153"
    )
    assert link.get_attribute("rel") == "noopener noreferrer"
    visitor.page.get_by_role("link", name="See the other one").click()
    visitor.heading("DSC_00002.jpg").wait_for()


def test_text_from_a_file_stays_text(visitor: Visitor, shown: Shown) -> None:
    markup = "<img src=x onerror=document.title='run'><script>document.title='run'</script>"
    shown(
        title=markup, description=markup, keywords=[markup], summary={"city": markup, "creators": [markup]}
    )
    visitor.heading(markup).wait_for()

    assert visitor.page.locator(".details img, .details script").count() == 0
    assert visitor.page.title().startswith(markup)


@pytest.mark.parametrize(
    ("members", "text"),
    [
        (
            {"status": "rejected", "rejection": {"code": "unreadable-image", "detail": "No JPEG."}},
            "No JPEG.",
        ),
        ({"status": "pending"}, "Processing"),
        (
            {
                "content_type": "image/heic",
                "renditions_error": {"code": "image-too-large-to-render", "detail": "Too many pixels."},
            },
            "There is no preview: Too many pixels.",
        ),
    ],
)
def test_a_photo_without_a_picture_says_why(
    visitor: Visitor, shown: Shown, members: dict[str, object], text: str
) -> None:
    library = shown(**members)
    library.has_renditions = False
    visitor.page.reload()

    visitor.page.locator(".no-picture").wait_for()
    visitor.is_seen(text)
    assert visitor.button("Delete").count() == 1


def test_a_missing_photo_is_shown_as_gone(visitor: Visitor, new_user: User) -> None:
    visitor.log_in(new_user, "#/photo/7ybqswbpmh9ypy161ev8g97j42")

    visitor.is_seen("This photo does not exist or has been deleted.")
    visitor.button("Back to all photos").click()
    visitor.heading("No photos yet").wait_for()


def test_words_are_edited_against_the_state_that_was_seen(visitor: Visitor, shown: Shown) -> None:
    library = shown(title="Old", keywords=["sea"])
    visitor.button("Edit").click()
    visitor.field("Title").fill("New")
    visitor.field("Keywords").fill("sea, sky , sea,")
    visitor.field("Description").fill("A day at the sea.")
    visitor.button("Save").click()

    visitor.heading("New").wait_for()
    visitor.is_seen("A day at the sea.")
    assert library.edits == [
        ('"1"', {"title": "New", "description": "A day at the sea.", "keywords": ["sea", "sky"]})
    ]
    visitor.button("Edit").click()
    visitor.field("Title").fill("")
    library.is_edited_elsewhere = True
    visitor.button("Save").click()
    visitor.is_seen("This photo has been edited elsewhere.")


def test_after_a_photo_is_deleted_the_next_one_is_shown(visitor: Visitor, shown: Shown) -> None:
    library = shown()
    visitor.button("Back to all photos").click()
    visitor.page.locator(".tile a").nth(1).click()
    visitor.heading("DSC_00001.jpg").wait_for()
    visitor.button("Delete").click()
    visitor.button("Delete").click()

    visitor.heading("DSC_00002.jpg").wait_for()
    assert library.deleted == ["image-00001"]
    visitor.button("Back to all photos").click()
    visitor.page.wait_for_function("() => document.querySelectorAll('.tile').length === 2")


def test_the_whole_document_is_a_tree_and_json(visitor: Visitor, new_user: User, tmp_path: Path) -> None:
    answer = new_user.upload(photo("jpeg-complete.jpg").content)
    assert answer.status_code == 201
    document = new_user.api.get(f"/v1/images/{answer.json()['id']}/metadata").json()
    visitor.log_in(new_user, f"#/photo/{answer.json()['id']}")
    visitor.page.get_by_text("All metadata").click()

    keys = visitor.page.locator(".tree .key, .tree summary")
    keys.first.wait_for()
    assert {"schema_version", *document["exif"]} <= set(keys.all_inner_texts())
    visitor.page.get_by_label("Search the metadata").fill("lensmodel")
    visitor.page.wait_for_function(
        "() => [...document.querySelectorAll('.tree .leaf')].filter((one) => one.offsetParent).length === 1"
    )
    visitor.page.get_by_role("tab", name="Tree").press("ArrowRight")
    assert json.loads(visitor.page.locator(".json").inner_text()) == document
    with visitor.page.expect_download() as download:
        visitor.button("Save").click()
    assert json.loads(download.value.path().read_text()) == document
