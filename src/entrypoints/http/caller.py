"""The caller of a protected operation, from the claims that the gateway's authorizer has verified."""

from typing import Any

from aws_lambda_powertools.utilities.data_classes import APIGatewayProxyEventV2

from domain.shared.caller import Caller
from entrypoints.http.request_headers import bearer_token

SECURITY: list[dict[str, list[str]]] = [{"bearer": []}]
"""The OpenAPI security requirement of a protected operation; it makes the gateway verify the token."""


def caller_of(event: APIGatewayProxyEventV2) -> Caller:
    """The user whom the verified token names."""
    authorizer = event.request_context.authorizer
    claims: dict[str, Any] = (authorizer.jwt_claim if authorizer else None) or {}
    is_id_token = claims.get("token_use") == "id"
    return Caller(
        user_id=claims["sub"],
        username=claims.get("cognito:username" if is_id_token else "username", claims["sub"]),
        token_use="id" if is_id_token else "access",
        groups=_names(claims.get("cognito:groups")),
        permissions=_names(claims.get("permissions")),
        access_token=None if is_id_token else bearer_token(event),
    )


def _names(claim: Any) -> frozenset[str]:
    """A claim with several values: API Gateway passes a list as the text ``[a b]``."""
    if isinstance(claim, list):
        return frozenset(map(str, claim))
    return frozenset(str(claim or "").strip("[]").replace(",", " ").split())
