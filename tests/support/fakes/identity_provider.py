"""An in-memory identity provider that fulfils the port's contract."""

import base64
import hmac
import secrets
import struct
import time
import uuid
from dataclasses import dataclass, field
from datetime import UTC, datetime

from pydantic import SecretStr

from domain.accounts.errors import (
    AccessTokenRequired,
    ChallengeFailed,
    InvalidCode,
    InvalidCredentials,
    InvalidRefreshToken,
    PasswordResetRequired,
    UserAlreadyExists,
    UserNotConfirmed,
    UserNotFound,
    WeakPassword,
)
from domain.accounts.model import (
    Challenge,
    ChallengeAnswer,
    ChallengeName,
    CodeDelivery,
    DirectoryLimits,
    ProfilePatch,
    RegisteredUser,
    Registration,
    RequestSource,
    Tokens,
    UserProfile,
)

PASSWORD_POLICY = "at least 12 characters, including an upper-case letter, a lower-case letter and a digit"
TOKEN_LIFETIME_S = 3600


@dataclass
class Account:
    """A user in the directory."""

    email: str
    password: str
    given_name: str | None = None
    family_name: str | None = None
    user_id: str = field(default_factory=lambda: str(uuid.uuid4()))
    created_at: datetime = field(default_factory=lambda: datetime.now(UTC))
    confirmed: bool = False
    password_is_temporary: bool = False
    password_reset_required: bool = False
    confirmation_code: str | None = None
    reset_code: str | None = None
    totp_secret: str | None = None
    pending_totp_secret: str | None = None


class InMemoryIdentityProvider:
    """Accounts by e-mail address; codes that would be mailed are stored in the account."""

    def __init__(self) -> None:
        self.accounts: dict[str, Account] = {}
        self.access_tokens: dict[str, str] = {}
        self.signed_in_at: dict[str, int] = {}
        """When the user of an access token signed in, in Unix seconds."""
        self._refresh_tokens: dict[str, str] = {}
        self._refresh_token_times: dict[str, int] = {}
        self._sessions: dict[str, tuple[str, ChallengeName]] = {}
        self.requires_second_factor = False
        self.limits = DirectoryLimits(max_email_length=128, max_password_length=256, max_token_length=4096)
        self.sources: list[RequestSource] = []
        """The sources of sign-ins, in order."""

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

    def authenticate(self, email: str, password: SecretStr, source: RequestSource) -> Tokens | Challenge:
        self.sources.append(source)
        account = self.accounts.get(email)
        if account is None:
            raise InvalidCredentials("The e-mail address or the password is wrong.")
        if not account.confirmed:
            raise UserNotConfirmed("The e-mail address has not been confirmed yet.")
        self._check_password(account, password)
        if account.password_is_temporary:
            return self._challenge(account, ChallengeName.NEW_PASSWORD_REQUIRED)
        if account.totp_secret is not None:
            return self._challenge(account, ChallengeName.SOFTWARE_TOKEN_MFA)
        return self._set_up(account) if self.requires_second_factor else self._sign_in(account)

    def answer_challenge(self, answer: ChallengeAnswer, source: RequestSource) -> Tokens | Challenge:
        self.sources.append(source)
        if self._sessions.get(answer.session) != (answer.email, answer.challenge):
            raise ChallengeFailed("The session is not valid; sign in again.")
        account = self.accounts[answer.email]
        if answer.new_password is not None:
            account.password = _strong(answer.new_password)
            account.password_is_temporary = False
        is_setup = answer.challenge is ChallengeName.MFA_SETUP
        secret = account.pending_totp_secret if is_setup else account.totp_secret
        if answer.code is not None and not _is_totp(secret, answer.code):
            raise ChallengeFailed("The code is wrong.")
        if is_setup:
            account.totp_secret, account.pending_totp_secret = secret, None
        del self._sessions[answer.session]
        if self.requires_second_factor and account.totp_secret is None:
            return self._set_up(account)
        return self._sign_in(account)

    def refresh(self, refresh_token: SecretStr) -> Tokens:
        email = self._refresh_tokens.get(refresh_token.get_secret_value())
        if email is None or email not in self.accounts:
            raise InvalidRefreshToken("The refresh token is not valid, has expired or was revoked.")
        signed_in_at = self._refresh_token_times[refresh_token.get_secret_value()]
        tokens = self._sign_in(self.accounts[email], signed_in_at)
        self._refresh_tokens.pop(tokens.refresh_token or "")
        return tokens.model_copy(update={"refresh_token": None})

    def get_profile(self, username: str) -> UserProfile:
        account = self._by_username(username)
        return UserProfile(
            user_id=account.user_id,
            email=account.email,
            email_verified=account.confirmed,
            given_name=account.given_name,
            family_name=account.family_name,
            created_at=account.created_at,
            mfa_enabled=account.totp_secret is not None,
        )

    def revoke(self, refresh_token: SecretStr) -> None:
        self._refresh_tokens.pop(refresh_token.get_secret_value(), None)

    def sign_out_everywhere(self, username: str) -> None:
        ended = self._end_sign_ins(username)
        self.access_tokens = {
            token: user for token, user in self.access_tokens.items() if user not in ended
        }

    def send_reset_code(self, email: str) -> None:
        account = self.accounts.get(email)
        if account is not None and account.confirmed:
            account.reset_code = _new_code()

    def reset_password(self, email: str, code: str, new_password: SecretStr) -> None:
        account = self.accounts.get(email)
        if account is None or account.reset_code != code:
            raise InvalidCode("The reset code is wrong or has expired.")
        account.password = _strong(new_password)
        account.reset_code = None
        account.password_reset_required = False

    def verify_password(self, username: str, password: SecretStr, source: RequestSource) -> None:
        self.sources.append(source)
        try:
            account = self._by_username(username)
        except UserNotFound:
            raise InvalidCredentials("The e-mail address or the password is wrong.") from None
        self._check_password(account, password)

    def set_password(self, username: str, password: SecretStr) -> None:
        self._by_username(username).password = _strong(password)

    def update_profile(self, username: str, patch: ProfilePatch) -> None:
        account = self._by_username(username)
        for field_name, value in patch.changes.items():
            setattr(account, field_name, value)

    def delete_user(self, username: str) -> None:
        self._end_sign_ins(username)
        self.accounts = {
            email: account for email, account in self.accounts.items() if account.user_id != username
        }

    def start_totp_enrolment(self, access_token: SecretStr) -> SecretStr:
        account = self._by_access_token(access_token)
        account.pending_totp_secret = _new_secret()
        return SecretStr(account.pending_totp_secret)

    def verify_totp(self, access_token: SecretStr, code: str) -> None:
        account = self._by_access_token(access_token)
        secret = account.pending_totp_secret
        if not _is_totp(secret, code):
            raise InvalidCode("The code is wrong, or no enrolment has been started.")
        account.totp_secret, account.pending_totp_secret = secret, None

    def disable_totp(self, access_token: SecretStr) -> None:
        self._by_access_token(access_token).totp_secret = None

    def invite(self, email: str, temporary_password: str) -> None:
        """Create an account as an administrator does."""
        self.accounts[email] = Account(
            email=email, password=temporary_password, confirmed=True, password_is_temporary=True
        )

    def _check_password(self, account: Account, password: SecretStr) -> None:
        if account.password != password.get_secret_value():
            raise InvalidCredentials("The e-mail address or the password is wrong.")
        if account.password_reset_required:
            raise PasswordResetRequired("An administrator requires a new password.")

    def _by_username(self, username: str) -> Account:
        for account in self.accounts.values():
            if account.user_id == username:
                return account
        raise UserNotFound("The account no longer exists.")

    def _by_access_token(self, access_token: SecretStr) -> Account:
        username = self.access_tokens.get(access_token.get_secret_value())
        if username is None:
            raise AccessTokenRequired("The access token is not valid.")
        return self._by_username(username)

    def _end_sign_ins(self, username: str) -> set[str]:
        """Revoke the refresh tokens of a user, by username or address. Returns the usernames."""
        ended = [user for user in self.accounts.values() if username in (user.user_id, user.email)]
        emails = {user.email for user in ended}
        self._refresh_tokens = {
            token: email for token, email in self._refresh_tokens.items() if email not in emails
        }
        return {user.user_id for user in ended}

    def _set_up(self, account: Account) -> Challenge:
        account.pending_totp_secret = _new_secret()
        return self._challenge(account, ChallengeName.MFA_SETUP, secret=account.pending_totp_secret)

    def _challenge(self, account: Account, name: ChallengeName, **parameters: str) -> Challenge:
        session = secrets.token_urlsafe()
        self._sessions[session] = (account.email, name)
        return Challenge(challenge=name, session=session, parameters=parameters)

    def _sign_in(self, account: Account, signed_in_at: int | None = None) -> Tokens:
        tokens = Tokens(
            access_token=f"access-{secrets.token_urlsafe()}",
            id_token=f"id-{secrets.token_urlsafe()}",
            refresh_token=f"refresh-{secrets.token_urlsafe()}",
            expires_in=TOKEN_LIFETIME_S,
        )
        self.access_tokens[tokens.access_token] = account.user_id
        assert tokens.refresh_token is not None
        self._refresh_tokens[tokens.refresh_token] = account.email
        at = int(time.time()) if signed_in_at is None else signed_in_at
        self.signed_in_at[tokens.access_token] = self._refresh_token_times[tokens.refresh_token] = at
        return tokens


def totp_code(secret: str, at: float | None = None) -> str:
    """The time-based one-time password (RFC 6238) that an authenticator app shows."""
    counter = int((time.time() if at is None else at) // 30)
    mac = hmac.digest(
        base64.b32decode(secret + "=" * (-len(secret) % 8)), struct.pack(">Q", counter), "sha1"
    )
    (value,) = struct.unpack_from(">I", mac, mac[-1] & 0x0F)
    return f"{(value & 0x7FFFFFFF) % 10**6:06d}"


def _new_secret() -> str:
    return base64.b32encode(secrets.token_bytes(20)).decode()


def _is_totp(secret: str | None, code: str) -> bool:
    """Whether this is the current code, or that of half a minute before or after."""
    return secret is not None and code in {totp_code(secret, time.time() + drift) for drift in (-30, 0, 30)}


def _new_code() -> str:
    return f"{secrets.randbelow(10**6):06d}"


def _strong(password: SecretStr) -> str:
    value = password.get_secret_value()
    kinds = (str.isupper, str.islower, str.isdigit)
    if len(value) < 12 or not all(any(map(kind, value)) for kind in kinds):
        raise WeakPassword(f"A password must have {PASSWORD_POLICY}.")
    return value
