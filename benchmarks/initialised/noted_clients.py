"""Imports the function ``FUNCTION_MODULE`` and answers which AWS clients it has made."""

import importlib
import os
from typing import Any

from botocore.session import Session

made: list[tuple[str, str | None, dict[str, Any]]] = []
create_client = Session.create_client


def note(session: Session, service: str, *, config: Any = None, endpoint_url: str | None = None) -> Any:
    """Make a client as the session does."""
    made.append((service, endpoint_url, config._user_provided_options))  # noqa: SLF001 - nothing else has them
    return create_client(session, service, config=config, endpoint_url=endpoint_url)


Session.create_client = note  # type: ignore[assignment]
importlib.import_module(os.environ["FUNCTION_MODULE"])


def handler(_event: object, _context: object) -> list[Any]:
    """Lambda entry point."""
    return made
