"""Finds secrets in logs."""

import re

from tests.integration.users import NEW_PASSWORD, PASSWORD, TEMPORARY_PASSWORD, WRONG_PASSWORD

_TOKEN = re.compile(r"eyJ[\w-]{10,}|Bearer \S+", re.ASCII)
"""A JSON Web Token or its beginning, or the value of an Authorization header."""

_PASSWORDS = (PASSWORD, NEW_PASSWORD, TEMPORARY_PASSWORD, WRONG_PASSWORD)


def secrets_in(log: str) -> list[str]:
    """Return the passwords and tokens of the tests that a log contains."""
    return [password for password in _PASSWORDS if password in log] + _TOKEN.findall(log)
