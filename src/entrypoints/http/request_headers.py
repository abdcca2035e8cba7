"""What the headers of a request say, in any letter case of their names."""

from typing import NamedTuple

import multipart
from aws_lambda_powertools.utilities.data_classes import APIGatewayProxyEventV2
from pydantic import SecretStr


class ContentType(NamedTuple):
    """A media type in lower case, empty where none was sent, and its parameters."""

    media_type: str
    parameters: dict[str, str]


def content_type(event: APIGatewayProxyEventV2) -> ContentType:
    """Parse the Content-Type (RFC 9110 §8.3)."""
    return ContentType(*multipart.parse_options_header(event.headers.get("content-type", "")))


def bearer_token(event: APIGatewayProxyEventV2) -> SecretStr | None:
    """Find the token that the authorizer took the claims from (RFC 6750 §2.1)."""
    scheme, _, token = event.headers.get("authorization", "").partition(" ")
    return SecretStr(token.strip()) if scheme.lower() == "bearer" else None


def preferred_languages(event: APIGatewayProxyEventV2) -> list[str]:
    """List the languages that the client accepts (RFC 9110 §12.5.4), as sent, in lower case."""
    sent = event.headers.get("accept-language", "")
    return [tag.partition(";")[0].strip().lower() for tag in sent.split(",")]
