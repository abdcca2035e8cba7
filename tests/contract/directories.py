"""User directories for contract tests: the port, and what users and administrators do."""

import base64
import re
import secrets
from dataclasses import dataclass
from typing import Any, Protocol

import httpx
import jwt

from adapters.cognito.challenges import ChallengeSession
from adapters.cognito.identity_provider import CognitoIdentityProvider
from domain.accounts.model import Tokens
from domain.accounts.ports import IdentityProvider
from entrypoints.local.emulator import Emulator
from tests.support.fakes.identity_provider import InMemoryIdentityProvider


class Directory(Protocol):
    """An identity provider, and what surrounds it."""

    provider: IdentityProvider

    def mailed_code(self, email: str) -> str:
        """Return the code in the newest mail to this address."""
        ...

    def invite(self, email: str, temporary_password: str) -> None:
        """Create an account as an administrator does."""
        ...

    def username(self, tokens: Tokens) -> str:
        """Return the directory's name for the user of these tokens."""
        ...

    def signed_in_at(self, tokens: Tokens) -> int:
        """Return when the user of these tokens signed in (``auth_time``), in Unix seconds."""
        ...

    def forged_session(self, email: str) -> str:
        """Return a session in this directory's format that it has never issued."""
        ...

    def rewritten_session(self, session: str, email: str) -> str:
        """Return the session with another user in it, if it names one."""
        ...


class FakeDirectory:
    def __init__(self) -> None:
        self._fake = InMemoryIdentityProvider()
        self.provider: IdentityProvider = self._fake

    def mailed_code(self, email: str) -> str:
        account = self._fake.accounts[email]
        code = account.reset_code or account.confirmation_code
        assert code is not None
        return code

    def invite(self, email: str, temporary_password: str) -> None:
        self._fake.invite(email, temporary_password)

    def username(self, tokens: Tokens) -> str:
        return self._fake.access_tokens[tokens.access_token]

    def signed_in_at(self, tokens: Tokens) -> int:
        return self._fake.signed_in_at[tokens.access_token]

    def forged_session(self, email: str) -> str:
        return secrets.token_urlsafe()

    def rewritten_session(self, session: str, email: str) -> str:
        return session


@dataclass
class Pool:
    """A user pool with the server's app client."""

    user_pool_id: str
    client_id: str


def create_user_pool(cognito: Any) -> Pool:
    """Create a pool that is configured like the deployed one, as far as the contract is concerned."""
    pool_id = cognito.create_user_pool(
        PoolName="contract",
        UsernameAttributes=["email"],
        AutoVerifiedAttributes=["email"],
        UsernameConfiguration={"CaseSensitive": False},
        MfaConfiguration="OPTIONAL",
        Policies={
            "PasswordPolicy": {
                "MinimumLength": 12,
                "RequireUppercase": True,
                "RequireLowercase": True,
                "RequireNumbers": True,
                "RequireSymbols": False,
            }
        },
    )["UserPool"]["Id"]
    client_id = cognito.create_user_pool_client(
        UserPoolId=pool_id,
        ClientName="server",
        ExplicitAuthFlows=["ALLOW_ADMIN_USER_PASSWORD_AUTH", "ALLOW_REFRESH_TOKEN_AUTH"],
        PreventUserExistenceErrors="ENABLED",
        EnableTokenRevocation=True,
    )["UserPoolClient"]["ClientId"]
    return Pool(pool_id, client_id)


class CognitoDirectory:
    """A user pool of its own in the emulator."""

    def __init__(self, emulator: Emulator) -> None:
        self._emulator = emulator
        self.cognito = emulator.client("cognito-idp")
        self.pool = create_user_pool(self.cognito)
        self.provider: IdentityProvider = CognitoIdentityProvider(
            self.cognito, user_pool_id=self.pool.user_pool_id, client_id=self.pool.client_id
        )

    def mailed_code(self, email: str) -> str:
        mails = httpx.get(f"{self._emulator.endpoint_url}/_ministack/ses/messages").json()["messages"]
        texts = [mail["BodyText"] for account in mails.values() for mail in account if email in mail["To"]]
        code = re.search(r"\d{6}", texts[-1])
        assert code is not None
        return code.group()

    def invite(self, email: str, temporary_password: str) -> None:
        self.cognito.admin_create_user(
            UserPoolId=self.pool.user_pool_id,
            Username=email,
            TemporaryPassword=temporary_password,
            UserAttributes=[{"Name": "email", "Value": email}, {"Name": "email_verified", "Value": "true"}],
            MessageAction="SUPPRESS",
        )

    def username(self, tokens: Tokens) -> str:
        return str(self._claims(tokens)["username"])

    def signed_in_at(self, tokens: Tokens) -> int:
        return int(self._claims(tokens)["auth_time"])

    def forged_session(self, email: str) -> str:
        cognito_session = base64.b64encode(secrets.token_bytes(32)).decode()
        return ChallengeSession(email, email, cognito_session).sealed()

    def rewritten_session(self, session: str, email: str) -> str:
        content = base64.urlsafe_b64decode(session + "=" * (-len(session) % 4)).decode()
        _, _, cognito_session = content.split("\n")
        return ChallengeSession(email, email, cognito_session).sealed()

    @staticmethod
    def _claims(tokens: Tokens) -> dict[str, Any]:
        claims: dict[str, Any] = jwt.decode(tokens.access_token, options={"verify_signature": False})
        return claims
