"""Creating an account: register, confirm the e-mail address, ask for the code again."""

from pydantic import SecretStr

from domain.accounts.model import RegisteredUser, Registration
from domain.accounts.ports import IdentityProvider
from domain.accounts.rules import checked_password, normalise_code, normalise_email, normalise_name


class RegisterUser:
    """Creates an account that its owner has to confirm with a code."""

    def __init__(self, identity_provider: IdentityProvider) -> None:
        self._identity_provider = identity_provider

    def __call__(
        self,
        email: str,
        password: SecretStr,
        given_name: str | None = None,
        family_name: str | None = None,
    ) -> RegisteredUser:
        """Register a user.

        Raises InvalidRequest naming the field, UserAlreadyExists, WeakPassword or
        RegistrationNotAllowed.
        """
        return self._identity_provider.register(
            Registration(
                email=normalise_email(email),
                password=checked_password(password),
                given_name=None if given_name is None else normalise_name(given_name, "given_name"),
                family_name=None if family_name is None else normalise_name(family_name, "family_name"),
            )
        )


class ConfirmUser:
    """Confirms an account with the code that was sent to its address."""

    def __init__(self, identity_provider: IdentityProvider) -> None:
        self._identity_provider = identity_provider

    def __call__(self, email: str, code: str) -> None:
        """Confirm. Raises InvalidRequest, InvalidCode (also for an unknown account) or ExpiredCode."""
        self._identity_provider.confirm(normalise_email(email), normalise_code(code))


class ResendConfirmationCode:
    """Sends a new confirmation code, and never tells whether there is such an account."""

    def __init__(self, identity_provider: IdentityProvider) -> None:
        self._identity_provider = identity_provider

    def __call__(self, email: str) -> None:
        """Ask for a new code. Raises InvalidRequest if ``email`` is not an address."""
        self._identity_provider.resend_confirmation_code(normalise_email(email))
