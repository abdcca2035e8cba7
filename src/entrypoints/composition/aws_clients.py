"""Clients of AWS services, with the time limits and the addressing that every function needs.

A call that fails for now is attempted three times, within the deadline of the request at hand.
"""

import os
from typing import TYPE_CHECKING

import boto3
from botocore.config import Config

from adapters.aws_deadline import keep_deadline
from adapters.request_deadline import RequestDeadline

if TYPE_CHECKING:
    from mypy_boto3_cognito_idp import CognitoIdentityProviderClient
    from mypy_boto3_dynamodb import DynamoDBClient
    from mypy_boto3_events import EventBridgeClient
    from mypy_boto3_s3 import S3Client
    from mypy_boto3_sqs import SQSClient

CONNECT_TIMEOUT_S = 2
READ_TIMEOUT_S = 10
"""Cognito waits for our triggers, for five seconds each time, before it answers."""
DYNAMODB_READ_TIMEOUT_S = 3
"""DynamoDB answers in milliseconds, a large transaction in tens of them."""
S3_READ_TIMEOUT_S = 5
"""S3 answers what a request asks of it in less than one; three attempts fit into a function's limit."""


def cognito_client(deadline: RequestDeadline) -> "CognitoIdentityProviderClient":
    """Make a client of user pools."""
    client = boto3.client("cognito-idp", config=_config(READ_TIMEOUT_S))
    _keep(deadline, client, READ_TIMEOUT_S)
    return client


def dynamodb_client(deadline: RequestDeadline) -> "DynamoDBClient":
    """Make a client of tables."""
    client = boto3.client("dynamodb", config=_config(DYNAMODB_READ_TIMEOUT_S))
    _keep(deadline, client, DYNAMODB_READ_TIMEOUT_S)
    return client


def events_client(deadline: RequestDeadline) -> "EventBridgeClient":
    """Make a client of event buses."""
    client = boto3.client("events", config=_config(READ_TIMEOUT_S))
    _keep(deadline, client, READ_TIMEOUT_S)
    return client


def sqs_client(deadline: RequestDeadline) -> "SQSClient":
    """Make a client of queues."""
    client = boto3.client("sqs", config=_config(READ_TIMEOUT_S))
    _keep(deadline, client, READ_TIMEOUT_S)
    return client


def s3_client(
    deadline: RequestDeadline, endpoint_url: str | None = None, read_timeout_s: int = S3_READ_TIMEOUT_S
) -> "S3Client":
    """Make a client of storage whose presigned links name the region's own endpoint."""
    # A bucket name cannot become a host name of an emulator that is reached by address.
    is_emulated = endpoint_url or os.environ.get("AWS_ENDPOINT_URL")
    client = boto3.client(
        "s3",
        endpoint_url=endpoint_url,
        config=_config(read_timeout_s).merge(
            # Presigned with "auto", links name the global endpoint, which redirects to the region's.
            Config(signature_version="s3v4", s3={"addressing_style": "path" if is_emulated else "virtual"})
        ),
    )
    _keep(deadline, client, read_timeout_s)
    return client


def _config(read_timeout_s: int) -> Config:
    return Config(
        connect_timeout=CONNECT_TIMEOUT_S,
        read_timeout=read_timeout_s,
        retries={"mode": "standard", "total_max_attempts": 3},
    )


def _keep(deadline: RequestDeadline, client: object, read_timeout_s: int) -> None:
    keep_deadline(client, deadline, connect_timeout_s=CONNECT_TIMEOUT_S, read_timeout_s=read_timeout_s)
