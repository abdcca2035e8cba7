"""Events that matter to the security of accounts."""

import hashlib
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum


class AuditEventName(StrEnum):
    """What can happen; a value never changes its meaning."""

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
    """Something that happened to an account. It holds no e-mail address, token or password.

    ``user_id`` is the account's where a token or the directory names it. Where only an address was given,
    ``account`` is its :func:`address_digest`: the address may not even have an account, and asking would
    tell the two apart by the time it takes. ``client_id`` names the application through which it happened,
    ``trigger`` is the directory's word for the occasion, ``source_ip`` is where the request came from, and
    ``reason`` the code of the error that was answered.
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
    """The SHA-256 of a normalised address, in hexadecimal: the same for each event of one account.

    It keeps addresses from being read in a log, not from being tried out: addresses can be guessed.
    """
    return hashlib.sha256(email.encode()).hexdigest()
