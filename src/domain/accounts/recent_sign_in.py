"""The rule for operations that need a recent sign-in."""

from datetime import datetime, timedelta

from domain.accounts.errors import SignInNotRecent
from domain.shared.caller import Caller

MAX_AGE = timedelta(minutes=10)


def require_recent_sign_in(caller: Caller, now: datetime) -> None:
    """Return if the caller signed in within :data:`MAX_AGE`. Raises SignInNotRecent.

    Refreshing tokens does not count as a sign-in: someone with a stolen device or token must not be able to
    take over or delete the account.
    """
    if caller.authenticated_at is None or now - caller.authenticated_at > MAX_AGE:
        minutes = MAX_AGE // timedelta(minutes=1)
        raise SignInNotRecent(
            f"This operation requires a sign-in within the last {minutes} minutes; log in and try again."
        )
