"""A person at the page with their own photos, from registration to deletion, without fakes."""

import re
from pathlib import Path

import pytest
from tests.browser.visitor import Visitor
from tests.integration.backend import Backend
from tests.integration.users import PASSWORD, new_email
from tests.support.image_factory import photo

pytestmark = pytest.mark.timeout(120)

NAMES = ("jpeg-complete.jpg", "jpeg-progressive.jpg", "png-complete.png", "tiff-pages.tif")


def test_photos_from_the_first_to_the_last(visitor: Visitor, backend: Backend, tmp_path: Path) -> None:
    page, email = visitor.page, new_email()
    for name in NAMES:
        (tmp_path / f"Été {name}").write_bytes(photo(name).content)
    visitor.open("#/register")
    visitor.field("E-mail").fill(email)
    visitor.fill_in("Create account", Password=PASSWORD)
    visitor.heading("Check your e-mail").wait_for()
    visitor.fill_in("Confirm", Code=backend.mailed_code(email))
    visitor.heading("No photos yet").wait_for()

    with page.expect_file_chooser() as chooser:
        visitor.button("Choose photos").click()
    chooser.value.set_files(sorted(tmp_path.iterdir()))
    visitor.heading("4 photos uploaded").wait_for()
    assert visitor.tiles().count() == 4
    page.wait_for_function("() => document.querySelectorAll('.tile img.loaded').length === 4")
    visitor.button("Close uploads").click()

    page.get_by_label("Order").select_option("captured_at")
    visitor.heading("July 2021").wait_for()
    visitor.button("Filter").click()
    visitor.field("File name").fill("été jpeg")
    visitor.button("Apply").click()
    page.wait_for_function("() => document.querySelectorAll('.tile').length === 2")

    visitor.photo("Été jpeg-complete.jpg").click()
    visitor.heading("Été jpeg-complete.jpg").wait_for()
    page.wait_for_function("() => document.querySelector('.picture')?.naturalWidth > 0")
    page.wait_for_function("() => document.querySelector('.picture')?.src.includes('preview.webp')")
    visitor.button("Edit").click()
    visitor.field("Title").fill("At the lake")
    visitor.field("Keywords").fill("lake, evening")
    visitor.button("Save").click()
    visitor.heading("At the lake").wait_for()
    with page.expect_download() as download:
        visitor.button("Download").click()
    assert download.value.suggested_filename == "Été jpeg-complete.jpg"
    assert download.value.path().read_bytes() == photo("jpeg-complete.jpg").content
    visitor.button("Back to all photos").click()

    visitor.button("Remove filter “été jpeg”").click()
    visitor.button("Filter").click()
    visitor.field("Keyword").fill("evening")
    visitor.button("Apply").click()
    page.wait_for_function("() => document.querySelectorAll('.tile').length === 1")
    visitor.button("Remove filter #evening").click()
    page.wait_for_function("() => document.querySelectorAll('.tile').length === 4")
    visitor.button("Select").click()
    visitor.button("Select all").click()
    page.get_by_role("checkbox", name="Select At the lake").click()
    visitor.button("Delete").click()
    visitor.button("Delete").click()
    visitor.is_seen("3 photos deleted.")
    assert visitor.tiles().count() == 1

    page.get_by_role("link", name="Account").click()
    visitor.is_seen("1 photo")
    visitor.button("Delete account").click()
    visitor.button("Delete everything").click()
    visitor.is_seen("Your account has been deleted.")
    refused = page.request.post(
        f"{backend.api_url}/v1/sessions", data={"email": email, "password": PASSWORD}
    )
    assert refused.status == 401
    assert re.search("invalid-credentials", refused.text())
