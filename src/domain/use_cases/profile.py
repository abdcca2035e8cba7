"""What a user's account says of them."""

from domain.accounts import Caller, UserProfile
from domain.ports import IdentityProvider


class GetProfile:
    """Shows the caller their own account."""

    def __init__(self, identity_provider: IdentityProvider) -> None:
        self._identity_provider = identity_provider

    def __call__(self, caller: Caller) -> UserProfile:
        """The caller's account. Raises UserNotFound if it was deleted after the token was issued."""
        return self._identity_provider.get_profile(caller.username)
