"""Events that matter to the security of accounts."""

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum


class AuditEventName(StrEnum):
    """What can happen; a value never changes its meaning."""

    USER_SIGNED_IN = "user-signed-in"


@dataclass(frozen=True, slots=True)
class AuditEvent:
    """Something that happened to an account.

    ``user_id`` is the account's, ``client_id`` names the application through which it happened, and
    ``trigger`` is the directory's word for the occasion. It holds no e-mail address, token or password.
    """

    name: AuditEventName
    at: datetime
    user_id: str
    client_id: str
    trigger: str
