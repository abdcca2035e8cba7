"""A fake API with as many images as a test needs: lists and images in the form of the contract."""

import io
import re
from datetime import UTC, datetime, timedelta
from functools import cache
from itertools import count
from typing import Any
from urllib.parse import parse_qsl, urlsplit

from PIL import Image
from playwright.sync_api import Page, Route

_SHAPES = [(6000, 4000), (3000, 4000), (4000, 4000), (4032, 2268), (9000, 3000)]
_COLOURS = [
    (0x9C, 0xC4, 0xD8),
    (0xF4, 0xC9, 0xA5),
    (0xA7, 0xBF, 0xAE),
    (0xE8, 0xD7, 0xDD),
    (0x2B, 0x4A, 0x58),
]


_UPLOADED_IDS = 90_000
_SHARED = len(_SHAPES) * 7


class FakeLibrary:
    """A number of images of one user, newest first, served instead of the API.

    The URLs of renditions differ from answer to answer, as signed ones do; unless ``has_own_pictures``,
    many images share a few.
    """

    def __init__(self, page: Page, storage_url: str, size: int, *, has_own_pictures: bool = True) -> None:
        self.storage_url = storage_url
        self._has_own_pictures = has_own_pictures
        self.images = [self._image(number) for number in range(size)]
        self.queries: list[dict[str, str]] = []
        self.deleted: list[str] = []
        self.edits: list[tuple[str, dict[str, Any]]] = []
        self.is_edited_elsewhere = False
        self.uploads = 0
        self.refuses_each = 50
        self.has_renditions = True
        self.pictures: list[str] = []
        self.url_lifetime = timedelta(minutes=20)
        self._signatures = count()
        page.route(re.compile(r"/v1/images(\?|$)"), self._list)
        page.route(re.compile(r"/v1/images/image-"), self._one)
        page.route("**/v1/images/batch-delete", self._delete_many)
        page.route("**/fake-rendition/**", self._picture)

    def _list(self, route: Route) -> None:
        if route.request.method == "POST":
            self._upload(route)
            return
        query = dict(parse_qsl(urlsplit(route.request.url).query))
        self.queries.append(query)
        limit, start = int(query["limit"]), int(query.get("cursor", 0))
        wanted = [one for one in self.images if query.get("filename", "") in one["filename"]]
        if query["sort"] == "created_at":
            wanted.reverse()
        page: dict[str, Any] = {
            "items": [self._signed(one, "thumbnail") for one in wanted[start : start + limit]]
        }
        if start + limit < len(wanted):
            page["next_cursor"] = str(start + limit)
        route.fulfill(json=page)

    def _upload(self, route: Route) -> None:
        self.uploads += 1
        if self.uploads % self.refuses_each == 0:
            route.fulfill(
                status=422, json={"code": "unreadable-image", "status": 422, "detail": "It is damaged."}
            )
            return
        # Ids sort from the newest image to the oldest.
        image = self._image(_UPLOADED_IDS - self.uploads)
        self.images.insert(0, image)
        route.fulfill(status=201, json=self._signed(image, "thumbnail", "preview"))

    def _one(self, route: Route) -> None:
        image_id = urlsplit(route.request.url).path.split("/")[3]
        found = next((one for one in self.images if one["id"] == image_id), None)
        if found is None:
            route.fulfill(
                status=404, json={"code": "image-not-found", "status": 404, "detail": "Not there."}
            )
        elif route.request.method == "DELETE":
            self._delete(image_id)
            route.fulfill(status=204)
        elif route.request.method == "PATCH":
            self._edit(route, found)
        else:
            route.fulfill(json=self._signed(found, "thumbnail", "preview"), headers={"etag": '"1"'})

    def _edit(self, route: Route, image: dict[str, Any]) -> None:
        if self.is_edited_elsewhere:
            route.fulfill(status=412, json={"code": "edit-conflict", "status": 412, "detail": "Meanwhile."})
            return
        edits = route.request.post_data_json
        self.edits.append((route.request.headers["if-match"], edits))
        image.update(edits)
        route.fulfill(json=self._signed(image, "thumbnail", "preview"), headers={"etag": '"2"'})

    def _delete_many(self, route: Route) -> None:
        ids = route.request.post_data_json["image_ids"]
        for image_id in ids:
            self._delete(image_id)
        route.fulfill(json={"results": [{"image_id": one, "status": "deleted"} for one in ids]})

    def _delete(self, image_id: str) -> None:
        self.images = [one for one in self.images if one["id"] != image_id]
        self.deleted.append(image_id)

    def _picture(self, route: Route) -> None:
        self.pictures.append(route.request.url)
        name, number = urlsplit(route.request.url).path.split("/")[-2:]
        shape, colour = self._look(int(number))
        route.fulfill(
            body=_picture(_fitted(shape, name), colour),
            content_type="image/webp",
            headers={"cache-control": "private, max-age=1200"},
        )

    def _image(self, number: int) -> dict[str, Any]:
        (width, height), _ = self._look(number)
        captured = datetime(2026, 3, 31, 18, 4, tzinfo=UTC) - timedelta(hours=9 * number)
        return {
            "id": f"image-{number:05}",
            "status": "ready",
            "filename": f"DSC_{number:05}.jpg",
            "content_type": "image/jpeg",
            "size_bytes": 4_200_000,
            "width": width,
            "height": height,
            "created_at": (captured + timedelta(days=1)).isoformat(),
            "captured_at": captured.replace(tzinfo=None).isoformat(),
            "summary": {"camera_make": "Canon", "camera_model": "Canon EOS R5", "keywords": ["sea"]},
            "links": {},
        }

    def _signed(self, image: dict[str, Any], *names: str) -> dict[str, Any]:
        number = int(image["id"].split("-")[1])
        if not self.has_renditions:
            return image
        signature = next(self._signatures) if self._has_own_pictures else 0
        number = number if self._has_own_pictures else number % _SHARED
        renditions = []
        for name in names:
            width, height = _fitted(self._look(number)[0], name)
            url = f"{self.storage_url}/fake-rendition/{name}/{number}?signature={signature}"
            renditions.append(
                {"name": name, "url": url, "width": width, "height": height, "content_type": "image/webp"}
            )
        expires = datetime.now(UTC) + self.url_lifetime
        return image | {"renditions": renditions, "urls_expire_at": expires.isoformat()}

    @staticmethod
    def _look(number: int) -> tuple[tuple[int, int], tuple[int, int, int]]:
        return _SHAPES[number % len(_SHAPES)], _COLOURS[number % 7 % len(_COLOURS)]


def _fitted(shape: tuple[int, int], name: str) -> tuple[int, int]:
    scale = {"thumbnail": 320, "preview": 1600}[name] / max(shape)
    return round(shape[0] * scale), round(shape[1] * scale)


@cache
def _picture(shape: tuple[int, int], colour: tuple[int, int, int]) -> bytes:
    content = io.BytesIO()
    Image.new("RGB", shape, colour).save(content, "WEBP")
    return content.getvalue()
