"""The user on whose behalf a request is made."""

from dataclasses import dataclass
from datetime import datetime

from pydantic import SecretStr


@dataclass(frozen=True, slots=True)
class Caller:
    """The user on whose behalf a request is made, taken from a verified token.

    ``user_id`` is the token's ``sub``; ``username`` is the directory's own name for the account, which
    differs from it for federated users. ``permissions`` come from the token. ``authenticated_at`` is the
    time of the sign-in, in UTC; refreshing tokens does not change it. ``access_token`` is the token itself
    if it was an access token, for operations that need it.
    """

    user_id: str
    username: str
    permissions: frozenset[str] = frozenset()
    authenticated_at: datetime | None = None
    access_token: SecretStr | None = None
