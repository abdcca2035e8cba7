"""Settings from environment variables, checked by pydantic.

pydantic-settings reads them from many more places, which every cold start would pay for.
"""

import json
import os
from typing import Any, Self

from pydantic import BaseModel, BeforeValidator, ConfigDict


def _parsed(value: Any) -> Any:
    return json.loads(value) if isinstance(value, str) else value


FROM_JSON = BeforeValidator(_parsed)
"""Annotates a field whose environment variable holds JSON."""


class EnvironmentSettings(BaseModel):
    """Settings of which each is read from the environment variable of its name in upper case."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    @classmethod
    def from_environment(cls) -> Self:
        """Read them all. Raises ValidationError, which names each that is missing or invalid."""
        return cls.model_validate(
            {name: os.environ[name.upper()] for name in cls.model_fields if name.upper() in os.environ}
        )
