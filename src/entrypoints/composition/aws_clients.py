"""Clients of AWS services, with the time limits and the addressing that every function needs."""

import os
from typing import TYPE_CHECKING

import boto3
from botocore.config import Config

if TYPE_CHECKING:
    from mypy_boto3_cognito_idp import CognitoIdentityProviderClient
    from mypy_boto3_s3 import S3Client
    from mypy_boto3_sqs import SQSClient

CONNECT_TIMEOUT_S = 2
READ_TIMEOUT_S = 10
"""API Gateway gives up after 30 s: three attempts of this length would be cut off anyway."""


def cognito_client() -> "CognitoIdentityProviderClient":
    """Make a client of user pools."""
    return boto3.client("cognito-idp", config=_config(READ_TIMEOUT_S))


def sqs_client() -> "SQSClient":
    """Make a client of queues."""
    return boto3.client("sqs", config=_config(READ_TIMEOUT_S))


def s3_client(endpoint_url: str | None = None, read_timeout_s: int = READ_TIMEOUT_S) -> "S3Client":
    """Make a client of storage whose presigned links name the region's own endpoint."""
    # A bucket name cannot become a host name of an emulator that is reached by address.
    is_emulated = endpoint_url or os.environ.get("AWS_ENDPOINT_URL")
    return boto3.client(
        "s3",
        endpoint_url=endpoint_url,
        config=_config(read_timeout_s).merge(
            # Presigned with "auto", links name the global endpoint, which redirects to the region's.
            Config(signature_version="s3v4", s3={"addressing_style": "path" if is_emulated else "virtual"})
        ),
    )


def _config(read_timeout_s: int) -> Config:
    return Config(
        connect_timeout=CONNECT_TIMEOUT_S,
        read_timeout=read_timeout_s,
        retries={"mode": "standard", "total_max_attempts": 3},
    )
