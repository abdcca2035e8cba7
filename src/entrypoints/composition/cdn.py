"""The secrets by which requests show that they came through the content delivery network."""

from functools import cache

from pydantic import Field

from entrypoints.composition.environment import EnvironmentSettings

_SECRET = r"[A-Za-z0-9_-]{32,128}"


class CdnSettings(EnvironmentSettings):
    """What a request must have, where a content delivery network stands before the API."""

    origin_secret: str | None = Field(default=None, pattern=f"^{_SECRET}( {_SECRET})*$")
    """The secret; or several, with spaces between them, any of which is good, while one replaces another.

    Without it, requests may come from anywhere.
    """


@cache
def origin_secrets() -> tuple[str, ...]:
    """Return the secrets, of which a request must have one; none where nothing is asked."""
    return tuple((CdnSettings.from_environment().origin_secret or "").split())
