"""Creates clients of AWS services with the timeouts and the addressing that all functions need.

A call that fails temporarily is tried three times within the deadline of the current request. The
clients are botocore's: boto3 would add the S3 transfer manager and its threads to every cold start.
"""

import logging
import os
from functools import cache
from typing import TYPE_CHECKING, Any

from botocore.config import Config
from botocore.session import Session, get_session

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
"""Cognito may wait five seconds for each of our triggers before it responds."""
DYNAMODB_READ_TIMEOUT_S = 3
"""DynamoDB responds in milliseconds; a large transaction takes tens of milliseconds."""
S3_READ_TIMEOUT_S = 5
"""S3 responds in less than a second; three attempts fit into a function's time limit."""

SDK = ("boto3", "botocore", "s3transfer", "urllib3")
"""The loggers of the SDK, whose messages below WARNING contain passwords and tokens."""
for _name in SDK:
    logging.getLogger(_name).setLevel(logging.WARNING)


def cognito_client(deadline: RequestDeadline) -> "CognitoIdentityProviderClient":
    """Create a client for user pools."""
    client: CognitoIdentityProviderClient = _client("cognito-idp", _config(READ_TIMEOUT_S))
    keep_deadline(client, deadline)
    return client


def dynamodb_client(deadline: RequestDeadline) -> "DynamoDBClient":
    """Create a client for tables."""
    client: DynamoDBClient = _client("dynamodb", _config(DYNAMODB_READ_TIMEOUT_S))
    keep_deadline(client, deadline)
    return client


def events_client(deadline: RequestDeadline) -> "EventBridgeClient":
    """Create a client for event buses."""
    client: EventBridgeClient = _client("events", _config(READ_TIMEOUT_S))
    keep_deadline(client, deadline)
    return client


def sqs_client(deadline: RequestDeadline) -> "SQSClient":
    """Create a client for queues."""
    client: SQSClient = _client("sqs", _config(READ_TIMEOUT_S))
    keep_deadline(client, deadline)
    return client


def s3_client(
    deadline: RequestDeadline, endpoint_url: str | None = None, read_timeout_s: int = S3_READ_TIMEOUT_S
) -> "S3Client":
    """Create a client for buckets whose presigned links contain the region's endpoint."""
    # An emulator with an IP address has no host name for each bucket.
    is_emulated = endpoint_url or os.environ.get("AWS_ENDPOINT_URL")
    config = _config(read_timeout_s).merge(
        # With "auto", and in us-east-1 with "legacy", presigned links contain the global endpoint.
        Config(
            signature_version="s3v4",
            s3={
                "addressing_style": "path" if is_emulated else "virtual",
                "us_east_1_regional_endpoint": "regional",
            },
        )
    )
    client: S3Client = _client("s3", config, endpoint_url)
    keep_deadline(client, deadline)
    return client


@cache
def _session() -> Session:
    """Create, once, the session that provides credentials and service models."""
    return get_session()


def _client(service: str, config: Config, endpoint_url: str | None = None) -> Any:
    """Create a botocore client, whose type depends on the service."""
    return _session().create_client(service, endpoint_url=endpoint_url, config=config)


def _config(read_timeout_s: int) -> Config:
    return Config(
        connect_timeout=CONNECT_TIMEOUT_S,
        read_timeout=read_timeout_s,
        retries={"mode": "standard", "total_max_attempts": 3},
    )
