"""The user on whose behalf a request is made."""

from dataclasses import dataclass
from datetime import datetime
from typing import Literal

from pydantic import SecretStr


@dataclass(frozen=True, slots=True)
class Caller:
    """The user on whose behalf a request is made, as a verified token names them.

    ``user_id`` is the token's ``sub``; ``username`` is the directory's own name for the account,
    which differs from it for federated users. ``groups`` and ``permissions`` come from claims.
    ``authenticated_at`` is when they signed in, in UTC, which renewing their tokens does not change.
    ``access_token`` is the token itself if it was an access token, for what only its holder may do.
    """

    user_id: str
    username: str
    token_use: Literal["access", "id"] = "access"
    groups: frozenset[str] = frozenset()
    permissions: frozenset[str] = frozenset()
    authenticated_at: datetime | None = None
    access_token: SecretStr | None = None
