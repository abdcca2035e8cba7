"""The secrets that prove that a request came through the content delivery network.

All functions behind the API read them, including the page's, which does not use pydantic.
"""

import os
import re
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from typing import Self

from entrypoints.composition.plain_environment import InvalidSetting

_SECRETS = re.compile(r"[A-Za-z0-9_-]{32,128}( [A-Za-z0-9_-]{32,128})*")


@dataclass(frozen=True, slots=True)
class CdnSettings:
    """The settings for a content delivery network in front of the API."""

    origin_secret: str | None = None
    """The secret. While one secret replaces another, several, separated by spaces; each is accepted.

    If it is not set, requests may come from anywhere.
    """

    def __post_init__(self) -> None:
        """Refuse secrets that can be guessed. Raises InvalidSetting, which does not show them."""
        if self.origin_secret is not None and not _SECRETS.fullmatch(self.origin_secret):
            raise InvalidSetting("ORIGIN_SECRET must be secrets of 32 to 128 letters, digits, - and _.")

    @classmethod
    def from_environment(cls, variables: Mapping[str, str] = os.environ) -> Self:
        """Read the settings. Raises InvalidSetting."""
        return cls(variables.get("ORIGIN_SECRET"))


@cache
def origin_secrets() -> tuple[str, ...]:
    """Return the secrets, of which a request must have one. Without secrets, none is required."""
    return tuple((CdnSettings.from_environment().origin_secret or "").split())
