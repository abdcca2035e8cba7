"""Settings from environment variables, validated by pydantic.

pydantic-settings would do the same, but it supports many more sources and slows down every cold start.
"""

import json
import os
from typing import Any, Self

from pydantic import BaseModel, BeforeValidator, ConfigDict


def _parsed(value: Any) -> Any:
    return json.loads(value) if isinstance(value, str) else value


FROM_JSON = BeforeValidator(_parsed)
"""Annotates a field whose environment variable contains JSON."""


class EnvironmentSettings(BaseModel):
    """Base of settings. Each field is read from the environment variable with its name in upper case."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    @classmethod
    def from_environment(cls) -> Self:
        """Read all settings. Raises ValidationError, which names missing and invalid ones."""
        return cls.model_validate(
            {name: os.environ[name.upper()] for name in cls.model_fields if name.upper() in os.environ}
        )
