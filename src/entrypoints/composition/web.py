"""Composes the ``web`` function: the page, the API's description and its documentation."""

import os
import re
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Self

from entrypoints.composition.plain_environment import InvalidSetting, flag
from entrypoints.http.web_page import WebPage

_FOLDER = "web"
_ORIGIN = re.compile(r"https?://[A-Za-z0-9.\-\[\]:]+")


@dataclass(frozen=True, slots=True)
class WebSettings:
    """The settings of the page."""

    storage_origin: str
    """The origin of presigned URLs, such as https://bucket.s3.eu-central-1.amazonaws.com."""

    docs_page: bool = True
    """Whether /docs shows the API's documentation."""

    def __post_init__(self) -> None:
        """Refuse a value that would add more than an origin to the page's policy. Raises InvalidSetting."""
        if not _ORIGIN.fullmatch(self.storage_origin):
            raise InvalidSetting("STORAGE_ORIGIN must be the origin of an HTTP URL.")

    @classmethod
    def from_environment(cls, variables: Mapping[str, str] = os.environ) -> Self:
        """Read each setting from the variable with its name in upper case. Raises InvalidSetting."""
        return cls(variables.get("STORAGE_ORIGIN", ""), flag(variables, "DOCS_PAGE", default=True))


def web_page(settings: WebSettings) -> WebPage:
    """Create the page from the directory ``web`` in the root of the package or the repository.

    Raises FileNotFoundError if there is no such directory.
    """
    folder = Path(__file__).resolve().parent
    candidates = (folder.parents[1] / _FOLDER, folder.parents[2] / _FOLDER)
    found = next(filter(Path.is_dir, candidates), candidates[-1])
    return WebPage(found, settings.storage_origin)
