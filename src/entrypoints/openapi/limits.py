"""States the limits on requests that the domain, the directory and storage set, not the routes' models."""

from typing import Any

from adapters.cognito.identity_provider import LIMITS as DIRECTORY_LIMITS
from adapters.s3.incoming_store import LIMITS as STORAGE_LIMITS
from domain.images.query_times import LOCAL_TIME

Schema = dict[str, Any]

_LEAST_PART, _GREATEST_PART = STORAGE_LIMITS.part_bytes_range(1)
_NOT_BLANK = {"pattern": r"^\s*\S[\s\S]*$"}
_SHA256 = {"pattern": "^([0-9A-Fa-f]{64}|[0-9A-Za-z+/]{43}=)$"}
_LOCAL_TIME = {"pattern": f"^{LOCAL_TIME.pattern}$"}
_INSTANT = {"format": "date-time"}

_PARAMETERS: dict[str, Schema] = {
    "captured_from": _LOCAL_TIME,
    "captured_to": _LOCAL_TIME,
    "created_from": _INSTANT,
    "created_to": _INSTANT,
    "idempotency-key": {"minLength": 1, "pattern": "^[!-~]+$"},
    "sha256": _SHA256,
    "x-checksum-sha256": _SHA256,
}
_MEMBERS: dict[str, Schema] = {
    "code": _NOT_BLANK,
    "given_name": _NOT_BLANK,
    "family_name": _NOT_BLANK,
    # Every address has at least this form; a label of its domain can be a single character.
    "email": {"maxLength": DIRECTORY_LIMITS.max_email_length, "pattern": r"^[^@]+@[^@]+\.[^@]+$"},
    "password": {"minLength": 1, "maxLength": DIRECTORY_LIMITS.max_password_length},
    "current_password": {"minLength": 1, "maxLength": DIRECTORY_LIMITS.max_password_length},
    "new_password": {"minLength": 1, "maxLength": DIRECTORY_LIMITS.max_password_length},
    "part_size": {"minimum": _LEAST_PART, "maximum": _GREATEST_PART},
    "sha256": _SHA256,
}
_ITEMS: dict[str, Schema] = {"part_numbers": {"minimum": 1, "maximum": STORAGE_LIMITS.max_parts}}


def limit_parameter(parameter: Schema) -> None:
    """State the limits of a parameter, in place."""
    parameter["schema"] |= _PARAMETERS.get(parameter["name"], {})


def limit_members(schema: Schema) -> None:
    """State the limits of the members of a request's schema, in place."""
    for name, member in schema.get("properties", {}).items():
        member.update(_MEMBERS.get(name, {}))
        if name in _ITEMS:
            member["items"] |= _ITEMS[name]
