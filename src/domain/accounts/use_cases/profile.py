"""A user's own account: read, change and delete it."""

from dataclasses import dataclass

from domain.accounts.audit import AuditEventName
from domain.accounts.audit_trail import AuditTrail
from domain.accounts.model import ProfilePatch, RequestSource, UserProfile
from domain.accounts.ports import IdentityProvider, PersonalData
from domain.accounts.recent_sign_in import require_recent_sign_in
from domain.accounts.rules import normalise_name
from domain.shared.caller import Caller


@dataclass(frozen=True, slots=True)
class GetProfile:
    """Reads the caller's account."""

    identity_provider: IdentityProvider

    def __call__(self, caller: Caller) -> UserProfile:
        """Read the account. Raises UserNotFound if it was deleted after the token was issued."""
        return self.identity_provider.get_profile(caller.username)


@dataclass(frozen=True, slots=True)
class UpdateProfile:
    """Changes the caller's account."""

    identity_provider: IdentityProvider

    def __call__(self, caller: Caller, patch: ProfilePatch) -> UserProfile:
        """Change the account and return its new state.

        Raises InvalidRequest naming the field, or UserNotFound.
        """
        changes = {
            field: None if name is None else normalise_name(name, field)
            for field, name in patch.changes.items()
        }
        if changes:
            self.identity_provider.update_profile(caller.username, ProfilePatch(**changes))
        return self.identity_provider.get_profile(caller.username)


@dataclass(frozen=True, slots=True)
class DeleteAccount:
    """Removes the caller's account and all that they have stored."""

    identity_provider: IdentityProvider
    personal_data: PersonalData
    audit: AuditTrail

    def __call__(self, caller: Caller, source: RequestSource) -> None:
        """Delete the account. Raises SignInNotRecent.

        From then on, nothing can be stored with the account's tokens. Stored data is removed soon after.
        If the deletion fails midway, the caller can repeat it.
        """
        require_recent_sign_in(caller, self.audit.clock())
        self.personal_data.begin_deletion(caller.user_id)
        with self.audit.recorded(caller, source, success=AuditEventName.ACCOUNT_DELETED):
            self.identity_provider.delete_user(caller.username)
