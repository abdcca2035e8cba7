"""Verifies tokens as API Gateway's JWT authorizer does.

https://docs.aws.amazon.com/apigateway/latest/developerguide/http-api-jwt-authorizer.html
"""

from typing import Any

import jwt


class Unauthorized(Exception):
    """The token is missing or not accepted."""


class KeysUnavailable(Exception):
    """The issuer's keys cannot be fetched, so no token can be verified."""


class JwtAuthorizer:
    """Accepts access and ID tokens that ``issuer`` has issued for one of the client ids in ``audience``."""

    def __init__(self, issuer: str, jwks_url: str, audience: frozenset[str]) -> None:
        self._issuer = issuer
        self._audience = audience
        self._keys = jwt.PyJWKClient(jwks_url, lifespan=3600)

    def fetch_keys(self) -> None:
        """Fetch the keys before the first request. Raises KeysUnavailable."""
        try:
            self._keys.get_jwk_set()
        except jwt.PyJWKClientConnectionError as error:
            raise KeysUnavailable from error

    def verify(self, authorization: str | None) -> dict[str, str]:
        """Verify the token in an Authorization header and return its claims as text, as the gateway does.

        Blocks while it fetches the keys, once an hour. Raises Unauthorized or KeysUnavailable.
        """
        scheme, _, token = (authorization or "").partition(" ")
        if scheme.lower() != "bearer" or not token.strip():
            raise Unauthorized
        try:
            claims: dict[str, Any] = jwt.decode(
                token.strip(),
                self._keys.get_signing_key_from_jwt(token.strip()),
                algorithms=["RS256"],
                issuer=self._issuer,
                # Cognito's access tokens have client_id instead of an audience.
                options={"require": ["exp", "iat", "iss"], "verify_aud": False},
            )
        except jwt.PyJWKClientConnectionError as error:
            raise KeysUnavailable from error
        except jwt.PyJWTError as error:
            raise Unauthorized from error
        if claims.get("aud", claims.get("client_id")) not in self._audience:
            raise Unauthorized
        # Cognito's refresh tokens are encrypted and fail above; the emulator's are signed like the others.
        if claims.get("token_use") not in {"access", "id"}:
            raise Unauthorized
        return {name: _as_text(value) for name, value in claims.items()}


def _as_text(value: Any) -> str:
    if isinstance(value, list):
        return f"[{' '.join(map(str, value))}]"
    if isinstance(value, bool):
        return str(value).lower()
    return str(value)
