"""An identity provider in memory that keeps the port's promises."""

import secrets
import uuid
from dataclasses import dataclass, field
from datetime import UTC, datetime

from pydantic import SecretStr

from domain.accounts import (
    Challenge,
    ChallengeName,
    CodeDelivery,
    RegisteredUser,
    Registration,
    Tokens,
    UserProfile,
)
from domain.errors import (
    InvalidCode,
    InvalidCredentials,
    InvalidRefreshToken,
    UserAlreadyExists,
    UserNotConfirmed,
    UserNotFound,
    WeakPassword,
)

PASSWORD_POLICY = "at least 12 characters, among them an upper-case letter, a lower-case letter, a digit"
TOKEN_LIFETIME_S = 3600


@dataclass
class Account:
    """What the directory keeps of one user."""

    email: str
    password: str
    given_name: str | None = None
    family_name: str | None = None
    user_id: str = field(default_factory=lambda: str(uuid.uuid4()))
    created_at: datetime = field(default_factory=lambda: datetime.now(UTC))
    confirmed: bool = False
    password_is_temporary: bool = False
    confirmation_code: str | None = None


class InMemoryIdentityProvider:
    """Accounts by e-mail address. What a mail would carry stands in the account."""

    def __init__(self) -> None:
        self.accounts: dict[str, Account] = {}
        self.access_tokens: dict[str, str] = {}
        self._refresh_tokens: dict[str, str] = {}
        self._sessions: dict[str, str] = {}

    def register(self, registration: Registration) -> RegisteredUser:
        if registration.email in self.accounts:
            raise UserAlreadyExists("An account with this e-mail address exists.")
        account = Account(
            email=registration.email,
            password=_strong(registration.password),
            given_name=registration.given_name,
            family_name=registration.family_name,
            confirmation_code=_new_code(),
        )
        self.accounts[account.email] = account
        return RegisteredUser(
            user_id=account.user_id,
            email=account.email,
            status="unconfirmed",
            code_delivery=CodeDelivery(medium="email", destination=f"{account.email[0]}***@***"),
        )

    def confirm(self, email: str, code: str) -> None:
        account = self.accounts.get(email)
        if account is None or account.confirmed or account.confirmation_code != code:
            raise InvalidCode("The confirmation code is wrong.")
        account.confirmed = True
        account.confirmation_code = None

    def resend_confirmation_code(self, email: str) -> None:
        account = self.accounts.get(email)
        if account is not None and not account.confirmed:
            account.confirmation_code = _new_code()

    def authenticate(self, email: str, password: SecretStr) -> Tokens | Challenge:
        account = self.accounts.get(email)
        if account is None:
            raise InvalidCredentials("The e-mail address or the password is wrong.")
        if not account.confirmed:
            raise UserNotConfirmed("The e-mail address has not been confirmed yet.")
        if account.password != password.get_secret_value():
            raise InvalidCredentials("The e-mail address or the password is wrong.")
        if account.password_is_temporary:
            return self._challenge(account, ChallengeName.NEW_PASSWORD_REQUIRED)
        return self._sign_in(account)

    def refresh(self, refresh_token: SecretStr) -> Tokens:
        email = self._refresh_tokens.get(refresh_token.get_secret_value())
        if email is None or email not in self.accounts:
            raise InvalidRefreshToken("The refresh token is not valid, has expired or was revoked.")
        return self._sign_in(self.accounts[email]).model_copy(update={"refresh_token": None})

    def get_profile(self, username: str) -> UserProfile:
        account = self._by_username(username)
        return UserProfile(
            user_id=account.user_id,
            email=account.email,
            email_verified=account.confirmed,
            given_name=account.given_name,
            family_name=account.family_name,
            created_at=account.created_at,
            mfa_enabled=False,
        )

    def invite(self, email: str, temporary_password: str) -> None:
        """Create an account as an administrator does."""
        self.accounts[email] = Account(
            email=email, password=temporary_password, confirmed=True, password_is_temporary=True
        )

    def _by_username(self, username: str) -> Account:
        for account in self.accounts.values():
            if account.user_id == username:
                return account
        raise UserNotFound("The account does not exist any more.")

    def _challenge(self, account: Account, name: ChallengeName) -> Challenge:
        session = secrets.token_urlsafe()
        self._sessions[session] = account.email
        return Challenge(challenge=name, session=session, parameters={})

    def _sign_in(self, account: Account) -> Tokens:
        tokens = Tokens(
            access_token=f"access-{secrets.token_urlsafe()}",
            id_token=f"id-{secrets.token_urlsafe()}",
            refresh_token=f"refresh-{secrets.token_urlsafe()}",
            expires_in=TOKEN_LIFETIME_S,
        )
        self.access_tokens[tokens.access_token] = account.user_id
        assert tokens.refresh_token is not None
        self._refresh_tokens[tokens.refresh_token] = account.email
        return tokens


def _new_code() -> str:
    return f"{secrets.randbelow(10**6):06d}"


def _strong(password: SecretStr) -> str:
    value = password.get_secret_value()
    kinds = (str.isupper, str.islower, str.isdigit)
    if len(value) < 12 or not all(any(map(kind, value)) for kind in kinds):
        raise WeakPassword(f"A password needs {PASSWORD_POLICY}.")
    return value
