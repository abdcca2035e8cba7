"""A Lambda function that tries what its role permits: answers each call's error code, or ``ok``."""

from typing import Any

import boto3
from botocore.config import Config
from botocore.exceptions import ClientError


def handler(calls: list[tuple[str, dict[str, Any]]], _context: object) -> list[str]:
    """Make each call, ``service:operation`` with its parameters."""
    return [attempt(call, parameters) for call, parameters in calls]


def attempt(call: str, parameters: dict[str, Any]) -> str:
    """Make one call."""
    service, _, operation = call.partition(":")
    make_client: Any = boto3.client
    client = make_client(service, config=Config(s3={"addressing_style": "path"}))
    try:
        getattr(client, operation)(**parameters)
    except ClientError as error:
        return str(error.response["Error"]["Code"])
    return "ok"
