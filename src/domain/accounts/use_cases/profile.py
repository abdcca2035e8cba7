"""A user's own account: see it, change it, delete it."""

from domain.accounts.model import ProfilePatch, UserProfile
from domain.accounts.ports import IdentityProvider, PersonalData
from domain.accounts.rules import normalise_name
from domain.shared.caller import Caller


class GetProfile:
    """Shows the caller their own account."""

    def __init__(self, identity_provider: IdentityProvider) -> None:
        self._identity_provider = identity_provider

    def __call__(self, caller: Caller) -> UserProfile:
        """The caller's account. Raises UserNotFound if it was deleted after the token was issued."""
        return self._identity_provider.get_profile(caller.username)


class UpdateProfile:
    """Changes the caller's own account."""

    def __init__(self, identity_provider: IdentityProvider) -> None:
        self._identity_provider = identity_provider

    def __call__(self, caller: Caller, patch: ProfilePatch) -> UserProfile:
        """The account after the change. Raises InvalidRequest naming the field, or UserNotFound."""
        changes = {
            field: None if name is None else normalise_name(name, field)
            for field, name in patch.changes.items()
        }
        if changes:
            self._identity_provider.update_profile(caller.username, ProfilePatch(**changes))
        return self._identity_provider.get_profile(caller.username)


class DeleteAccount:
    """Removes the caller's account and all that they have stored."""

    def __init__(self, identity_provider: IdentityProvider, personal_data: PersonalData) -> None:
        self._identity_provider = identity_provider
        self._personal_data = personal_data

    def __call__(self, caller: Caller) -> None:
        """Delete. Wherever it stops short, the caller can repeat it: the account goes after the images.

        What an upload under way at the same time stores after the first sweep goes with the second.
        """
        self._personal_data.delete_all(caller.user_id)
        self._identity_provider.delete_user(caller.username)
        self._personal_data.delete_all(caller.user_id)
