"""Composes the ``web`` function: the page, the API's description and its documentation."""

from pathlib import Path

from pydantic import Field

from entrypoints.composition.environment import EnvironmentSettings
from entrypoints.http.web_page import WebPage

_FOLDER = "web"


class WebSettings(EnvironmentSettings):
    """The settings of the page."""

    storage_origin: str = Field(pattern=r"^https?://[A-Za-z0-9.\-\[\]:]+$")
    """The origin of presigned URLs, such as https://bucket.s3.eu-central-1.amazonaws.com."""

    docs_page: bool = True
    """Whether /docs shows the API's documentation."""


def web_page(settings: WebSettings) -> WebPage:
    """Create the page from the directory ``web`` in the root of the package or of the repository.

    Raises FileNotFoundError if there is no such directory.
    """
    folder = Path(__file__).resolve().parent
    candidates = (folder.parents[1] / _FOLDER, folder.parents[2] / _FOLDER)
    found = next(filter(Path.is_dir, candidates), candidates[-1])
    return WebPage(found, settings.storage_origin)
