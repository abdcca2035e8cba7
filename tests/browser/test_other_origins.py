"""A page on another origin than the API: it shows photos, reads them, and saves them."""

import hashlib
from typing import Any

from playwright.sync_api import BrowserContext, Page
from tests.integration.backend import Backend
from tests.integration.users import User
from tests.support.image_factory import photo

NAMES = {"Été à la mer.jpg": "jpeg-complete.jpg", "夕日.png": "png-complete.png"}

_SHOW_GALLERY = """async ({ api, token }) => {
  window.call = async (path) => {
    const response = await fetch(api + path, { headers: { authorization: `Bearer ${token}` } });
    return response.json();
  };
  for (;;) {
    const { items } = await call("/v1/images");
    if (items.every(({ renditions }) => renditions)) {
      for (const { renditions } of items) {
        const picture = document.body.appendChild(new Image());
        // With this, a canvas that it is drawn on can be read.
        picture.crossOrigin = "anonymous";
        picture.src = renditions.find(({ name }) => name === "thumbnail").url;
        await picture.decode();
      }
      return items;
    }
    await new Promise((resolve) => setTimeout(resolve, 200));
  }
}"""
_BRIGHTNESS = """() => [...document.images].map((picture) => {
  const canvas = new OffscreenCanvas(picture.naturalWidth, picture.naturalHeight).getContext("2d");
  canvas.drawImage(picture, 0, 0);
  const { data } = canvas.getImageData(0, 0, picture.naturalWidth, picture.naturalHeight);
  return data.reduce((sum, value) => sum + value, 0) / data.length;
})"""
_SHA256 = """async (id) => {
  const { content_url } = await call(`/v1/images/${id}`);
  const digest = await crypto.subtle.digest("SHA-256", await (await fetch(content_url)).arrayBuffer());
  return Array.from(new Uint8Array(digest), (byte) => byte.toString(16).padStart(2, "0")).join("");
}"""
_SAVE = """async (id) => {
  const { url, filename } = await call(`/v1/images/${id}/content-link`);
  const link = document.createElement("a");
  link.href = URL.createObjectURL(await (await fetch(url)).blob());
  link.download = filename;
  link.click();
}"""


def test_photos_are_shown_read_and_saved(
    context: BrowserContext, page_url: str, backend: Backend, new_user: User
) -> None:
    for filename, name in NAMES.items():
        answer = new_user.api.post("/v1/images", files={"file": (filename, photo(name).content)})
        assert answer.status_code == 201, answer.text
    page = context.new_page()
    complaints = complaints_of(page)
    page.goto(page_url)

    images: list[dict[str, Any]] = page.evaluate(
        _SHOW_GALLERY, {"api": backend.api_url, "token": new_user.access_token}
    )

    assert {one["filename"] for one in images} == set(NAMES)
    assert all(brightness > 0 for brightness in page.evaluate(_BRIGHTNESS))
    for image in images:
        content = photo(NAMES[image["filename"]]).content
        assert page.evaluate(_SHA256, image["id"]) == hashlib.sha256(content).hexdigest()
        with page.expect_download() as download:
            page.evaluate(_SAVE, image["id"])
        assert download.value.suggested_filename == image["filename"]
        assert download.value.path().read_bytes() == content
    assert complaints == []


def complaints_of(page: Page) -> list[str]:
    """Return what the browser writes about the page to its console from now on."""
    complaints: list[str] = []
    page.on("console", lambda message: complaints.append(message.text))
    page.on("pageerror", lambda error: complaints.append(str(error)))
    return complaints
