"""Parses request headers, whose names may have any letter case."""

import re
from collections.abc import Container
from typing import NamedTuple

import multipart
from aws_lambda_powertools.utilities.data_classes import APIGatewayProxyEventV2
from pydantic import SecretStr


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


class _Everything:
    """Contains whatever it is asked for."""

    def __contains__(self, _: object) -> bool:
        return True


_ENTITY_TAG = re.compile(r'(W/)?"([^"]*)"')


def if_match(event: APIGatewayProxyEventV2) -> frozenset[str] | None:
    """List the entity tags that a change may be based on (RFC 9110 §13.1.1); ``None`` allows all.

    They are compared strongly, so weak ones match nothing.
    """
    sent = event.headers.get("if-match", "").strip()
    if sent in {"", "*"}:
        return None
    return frozenset(tag for weak, tag in _ENTITY_TAG.findall(sent) if not weak)


def if_none_match(event: APIGatewayProxyEventV2) -> Container[str]:
    """List the entity tags of what the client has (RFC 9110 §13.1.2), which are compared weakly."""
    sent = event.headers.get("if-none-match", "").strip()
    if sent == "*":
        return _Everything()
    return frozenset(tag for _, tag in _ENTITY_TAG.findall(sent))
