"""The adapters behind the operations on accounts, created on first use and individually replaceable."""

import sys
from typing import TYPE_CHECKING

from dependency_injector import containers, providers

from adapters.audit_log import JsonLinesAuditLog
from adapters.cognito.identity_provider import CognitoIdentityProvider
from adapters.dynamodb.image_records import DynamoDbImageRecords
from adapters.request_deadline import RequestDeadline
from domain.accounts.ports import AuditLog, IdentityProvider
from domain.images.ports import ImageRecords
from domain.shared.clock import Clock
from entrypoints.composition import aws_clients
from entrypoints.composition.settings import AccountSettings
from entrypoints.composition.system_clock import utc_now

if TYPE_CHECKING:
    from mypy_boto3_cognito_idp import CognitoIdentityProviderClient
    from mypy_boto3_dynamodb import DynamoDBClient


def _identity_provider(
    client: "CognitoIdentityProviderClient", settings: AccountSettings
) -> IdentityProvider:
    return CognitoIdentityProvider(
        client, user_pool_id=settings.user_pool_id, client_id=settings.user_pool_client_id
    )


def _image_records(client: "DynamoDBClient", settings: AccountSettings, clock: Clock) -> ImageRecords:
    return DynamoDbImageRecords(client, settings.records_table, clock)


def _audit_log() -> AuditLog:
    return JsonLinesAuditLog(sys.stdout)


def _clock() -> Clock:
    return utc_now


class AccountAdapters(containers.DeclarativeContainer):
    """Settings, AWS clients and adapters of the ``users`` function."""

    settings = providers.Singleton(AccountSettings.from_environment)
    clock = providers.Singleton(_clock)
    audit_log = providers.Singleton(_audit_log)
    deadline = providers.Singleton(RequestDeadline)
    cognito_client = providers.Singleton(aws_clients.cognito_client, deadline)
    dynamodb_client = providers.Singleton(aws_clients.dynamodb_client, deadline)

    identity_provider = providers.Singleton(_identity_provider, cognito_client, settings)
    image_records = providers.Singleton(_image_records, dynamodb_client, settings, clock)
