"""Serves the web page, which is in the directory ``web``.

Browsers revalidate the page itself each time, and cache all other files permanently. The paths of these
contain a version that changes with any file, so that all loaded files belong together. The page preloads
all modules, so that none waits for the module that imports it.
"""

import base64
import gzip
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property
from http import HTTPStatus
from pathlib import Path
from string import Template
from typing import Any

from entrypoints.http.entity_tags import entity_tag, is_current

ROUTES = ("GET /", "HEAD /", "GET /assets/{proxy+}", "HEAD /assets/{proxy+}")
"""The page's route keys in API Gateway; they are not operations of the API."""

_START = "index.html"
_MEDIA_TYPES = {
    ".css": "text/css; charset=utf-8",
    ".html": "text/html; charset=utf-8",
    ".js": "text/javascript; charset=utf-8",
    ".svg": "image/svg+xml",
}
_FOR_GOOD = "public, max-age=31536000, immutable"
_ASK_AGAIN = "no-cache"


@dataclass(frozen=True)
class WebFile:
    """A file and its caching rule."""

    content: bytes
    media_type: str
    cache_control: str

    @cached_property
    def tag(self) -> str:
        """The file's entity tag."""
        return entity_tag(self.content)

    @cached_property
    def compressed(self) -> str:
        """The content in gzip and base 64, the same bytes each time."""
        return base64.b64encode(gzip.compress(self.content, mtime=0)).decode()


class WebPage:
    """Responds to requests for the page and its files."""

    def __init__(self, folder: Path, storage_origin: str) -> None:
        """Read the files. ``storage_origin`` is the origin of presigned URLs, for pictures and uploads.

        Raises FileNotFoundError if the directory has no page.
        """
        files = {
            path.relative_to(folder).as_posix(): path.read_bytes()
            for path in sorted(folder.rglob("*"))
            if path.suffix in _MEDIA_TYPES
        }
        if _START not in files:
            raise FileNotFoundError(folder / _START)
        self._policy = content_security_policy(storage_origin)
        contents = [data for name, content in files.items() for data in (name.encode(), content)]
        self.version = entity_tag(*contents).strip('W/"')[:16]
        template = Template(files.pop(_START).decode())
        root = f"/assets/{self.version}"
        preload = "\n".join(
            f'<link rel="modulepreload" href="{root}/{name}">' for name in files if name.endswith(".js")
        )
        page = template.substitute(assets=root, modulepreload=preload)
        self._page = WebFile(page.encode(), _MEDIA_TYPES[".html"], _ASK_AGAIN)
        self._assets = {
            f"{root}/{name}": WebFile(content, _MEDIA_TYPES[Path(name).suffix], _FOR_GOOD)
            for name, content in files.items()
        }

    @property
    def paths(self) -> list[str]:
        """The paths of all files that the page loads."""
        return list(self._assets)

    def answer(self, path: str, headers: Mapping[str, str]) -> dict[str, Any]:
        """Respond to a GET request in API Gateway's payload format 2.0. Header names are in lower case.

        The response for missing files, such as those of another version, is 404.
        """
        file = self._page if path == "/" else self._assets.get(path)
        if file is None:
            return _text(HTTPStatus.NOT_FOUND, "There is nothing at this path.")
        answer_headers = {
            "ETag": file.tag,
            "Cache-Control": file.cache_control,
            "Vary": "Accept-Encoding",
            "Content-Security-Policy": self._policy,
            "Cross-Origin-Opener-Policy": "same-origin",
            "Cross-Origin-Resource-Policy": "same-origin",
            "Referrer-Policy": "no-referrer",
        }
        if is_current(headers.get("if-none-match"), file.tag):
            return {"statusCode": HTTPStatus.NOT_MODIFIED.value, "headers": answer_headers, "body": ""}
        answer_headers["Content-Type"] = file.media_type
        if "gzip" not in headers.get("accept-encoding", ""):
            return {
                "statusCode": HTTPStatus.OK.value,
                "headers": answer_headers,
                "body": file.content.decode(),
            }
        return {
            "statusCode": HTTPStatus.OK.value,
            "headers": answer_headers | {"Content-Encoding": "gzip"},
            "body": file.compressed,
            "isBase64Encoded": True,
        }


def content_security_policy(storage_origin: str) -> str:
    """Build the policy (CSP Level 3) that allows the page only its own files, the API and storage."""
    directives = {
        "default-src": "'none'",
        "script-src": "'self'",
        "style-src": "'self'",
        "img-src": f"'self' blob: {storage_origin}",
        "connect-src": f"'self' {storage_origin}",
        "base-uri": "'none'",
        "form-action": "'none'",
        "frame-ancestors": "'none'",
        "require-trusted-types-for": "'script'",
        "trusted-types": "'none'",
    }
    return "; ".join(f"{name} {value}" for name, value in directives.items())


def _text(status: HTTPStatus, text: str) -> dict[str, Any]:
    return {"statusCode": status.value, "headers": {"Content-Type": "text/plain"}, "body": text}
