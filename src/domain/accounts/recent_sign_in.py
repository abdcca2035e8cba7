"""What only somebody may do who has just shown who they are."""

from datetime import datetime, timedelta

from domain.accounts.errors import SignInNotRecent
from domain.shared.caller import Caller

MAX_AGE = timedelta(minutes=10)


def require_recent_sign_in(caller: Caller, now: datetime) -> None:
    """Return if the caller signed in within :data:`MAX_AGE`. Raises SignInNotRecent.

    Renewing tokens is no sign-in: whoever has got hold of a device or a token must not be able to take the
    account over, or to delete it.
    """
    if caller.authenticated_at is None or now - caller.authenticated_at > MAX_AGE:
        minutes = MAX_AGE // timedelta(minutes=1)
        raise SignInNotRecent(
            f"This operation needs a sign-in of the last {minutes} minutes; log in again and repeat it."
        )
