"""Reads the caller of a protected operation from the claims that the gateway's authorizer has verified."""

from datetime import UTC, datetime
from typing import Any

from aws_lambda_powertools.utilities.data_classes import APIGatewayProxyEventV2

from domain.accounts.errors import TokenNotAccepted
from domain.shared.caller import Caller
from entrypoints.http.request_headers import bearer_token

SECURITY: list[dict[str, list[str]]] = [{"bearer": []}]
"""The OpenAPI security requirement of a protected operation, which makes the gateway verify the token."""


_ACCEPTED_USES = frozenset({"access", "id"})
"""The accepted token uses: the gateway checks only signature and audience, which other tokens can have."""


def caller_of(event: APIGatewayProxyEventV2) -> Caller:
    """Return the user of the verified token. Raises TokenNotAccepted for other kinds of tokens."""
    authorizer = event.request_context.authorizer
    claims: dict[str, Any] = (authorizer.jwt_claim if authorizer else None) or {}
    token_use = claims.get("token_use")
    if token_use not in _ACCEPTED_USES or "sub" not in claims:
        raise TokenNotAccepted("Send an access token or an ID token.")
    is_id_token = token_use == "id"
    return Caller(
        user_id=claims["sub"],
        username=claims.get("cognito:username" if is_id_token else "username", claims["sub"]),
        permissions=_names(claims.get("permissions")),
        authenticated_at=_time(claims.get("auth_time")),
        access_token=None if is_id_token else bearer_token(event),
    )


def _time(claim: Any) -> datetime | None:
    """Parse a time in seconds since 1970 (RFC 7519 §2, NumericDate); API Gateway passes numbers as text."""
    try:
        return datetime.fromtimestamp(float(claim), UTC)
    except (TypeError, ValueError, OverflowError, OSError):
        return None


def _names(claim: Any) -> frozenset[str]:
    """Parse a claim with several values; API Gateway passes a list as the text ``[a b]``."""
    if isinstance(claim, list):
        return frozenset(map(str, claim))
    return frozenset(str(claim or "").strip("[]").replace(",", " ").split())
