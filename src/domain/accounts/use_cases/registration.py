"""Creating an account: register, confirm the e-mail address, resend the code."""

from dataclasses import dataclass

from pydantic import SecretStr

from domain.accounts.email_address import normalise_email
from domain.accounts.model import RegisteredUser, Registration
from domain.accounts.ports import IdentityProvider
from domain.accounts.rules import new_password, normalise_code, normalise_name


@dataclass(frozen=True, slots=True)
class RegisterUser:
    """Creates an account that its owner must confirm with a code."""

    identity_provider: IdentityProvider

    def __call__(
        self,
        email: str,
        password: SecretStr,
        given_name: str | None = None,
        family_name: str | None = None,
    ) -> RegisteredUser:
        """Register the user.

        Raises InvalidRequest naming the field, UserAlreadyExists, WeakPassword or
        RegistrationNotAllowed.
        """
        limits = self.identity_provider.limits
        return self.identity_provider.register(
            Registration(
                email=normalise_email(email, limits),
                password=new_password(password, limits, "password"),
                given_name=None if given_name is None else normalise_name(given_name, "given_name"),
                family_name=None if family_name is None else normalise_name(family_name, "family_name"),
            )
        )


@dataclass(frozen=True, slots=True)
class ConfirmUser:
    """Confirms an account with the code sent to its address."""

    identity_provider: IdentityProvider

    def __call__(self, email: str, code: str) -> None:
        """Confirm the account.

        Raises InvalidRequest, InvalidCode (also for an unknown account), ExpiredCode, or
        UserAlreadyExists if another account has confirmed this address in the meantime.
        """
        self.identity_provider.confirm(
            normalise_email(email, self.identity_provider.limits), normalise_code(code)
        )


@dataclass(frozen=True, slots=True)
class ResendConfirmationCode:
    """Sends a new confirmation code without revealing whether there is such an account."""

    identity_provider: IdentityProvider

    def __call__(self, email: str) -> None:
        """Send a new code. Raises InvalidRequest if ``email`` is not a valid address."""
        self.identity_provider.resend_confirmation_code(
            normalise_email(email, self.identity_provider.limits)
        )
