"""Parses request headers, whose names may have any letter case."""

from collections.abc import Container
from typing import NamedTuple

import multipart
from aws_lambda_powertools.utilities.data_classes import APIGatewayProxyEventV2
from pydantic import SecretStr

from entrypoints.http.entity_tags import known_tags, tags_to_match


class ContentType(NamedTuple):
    """A media type in lower case, empty if none was sent, and its parameters."""

    media_type: str
    parameters: dict[str, str]


def content_type(event: APIGatewayProxyEventV2) -> ContentType:
    """Parse the Content-Type (RFC 9110 §8.3)."""
    return ContentType(*multipart.parse_options_header(event.headers.get("content-type", "")))


def bearer_token(event: APIGatewayProxyEventV2) -> SecretStr | None:
    """Return the bearer token, if any (RFC 6750 §2.1)."""
    scheme, _, token = event.headers.get("authorization", "").partition(" ")
    return SecretStr(token.strip()) if scheme.lower() == "bearer" else None


def preferred_languages(event: APIGatewayProxyEventV2) -> list[str]:
    """List the accepted languages (RFC 9110 §12.5.4) in the order sent, in lower case."""
    sent = event.headers.get("accept-language", "")
    return [tag.partition(";")[0].strip().lower() for tag in sent.split(",")]


def if_match(event: APIGatewayProxyEventV2) -> frozenset[str] | None:
    """List the entity tags on which a change may be based; ``None`` allows all."""
    return tags_to_match(event.headers.get("if-match", ""))


def if_none_match(event: APIGatewayProxyEventV2) -> Container[str]:
    """List the entity tags of the versions that the client has."""
    return known_tags(event.headers.get("if-none-match", ""))
