"""Security-relevant events of accounts."""

import hashlib
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum


class AuditEventName(StrEnum):
    """The names of the events; a value never changes its meaning."""

    USER_SIGNED_IN = "user-signed-in"
    SIGN_IN_FAILED = "sign-in-failed"
    PASSWORD_CHANGED = "password-changed"
    PASSWORD_CHANGE_FAILED = "password-change-failed"
    PASSWORD_RESET_REQUESTED = "password-reset-requested"
    PASSWORD_RESET = "password-reset"
    PASSWORD_RESET_FAILED = "password-reset-failed"
    TOTP_ENABLED = "totp-enabled"
    TOTP_DISABLED = "totp-disabled"
    ACCOUNT_DELETED = "account-deleted"


@dataclass(frozen=True, slots=True)
class AuditEvent:
    """An event of an account. It contains no e-mail address, token or password.

    ``user_id`` is set if a token or the directory names the user. If only an address was given, ``account``
    is its :func:`address_digest`: the address may not have an account, and the time of a look-up would
    reveal that. ``client_id`` identifies the application, ``trigger`` is the directory's name for
    the occasion, ``source_ip`` is the address of the client, and ``reason`` is the code of the error that
    the client received.
    """

    name: AuditEventName
    at: datetime
    user_id: str | None = None
    account: str | None = None
    client_id: str | None = None
    trigger: str | None = None
    source_ip: str | None = None
    reason: str | None = None


def address_digest(email: str) -> str:
    """Hash a normalised address with SHA-256, in hexadecimal: the same for all events of one account.

    The digest hides addresses from readers of the log, but does not stop anyone from testing guesses.
    """
    return hashlib.sha256(email.encode()).hexdigest()
