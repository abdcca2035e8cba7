"""The adapters behind the operations on accounts, made on first use and replaceable one by one."""

import sys
from typing import TYPE_CHECKING

from dependency_injector import containers, providers

from adapters.audit_log import JsonLinesAuditLog
from adapters.cognito.identity_provider import CognitoIdentityProvider
from adapters.request_deadline import RequestDeadline
from adapters.s3.image_store import S3ImageStore
from domain.accounts.ports import AuditLog, IdentityProvider, PersonalData
from domain.shared.clock import Clock
from entrypoints.composition import aws_clients
from entrypoints.composition.settings import AccountSettings
from entrypoints.composition.system_clock import utc_now

if TYPE_CHECKING:
    from mypy_boto3_cognito_idp import CognitoIdentityProviderClient
    from mypy_boto3_s3 import S3Client


def _identity_provider(
    client: "CognitoIdentityProviderClient", settings: AccountSettings
) -> IdentityProvider:
    return CognitoIdentityProvider(
        client, user_pool_id=settings.user_pool_id, client_id=settings.user_pool_client_id
    )


def _personal_data(client: "S3Client", settings: AccountSettings) -> PersonalData:
    return S3ImageStore(client, bucket=settings.images_bucket, clock=utc_now, link_client=client)


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
    s3_client = providers.Singleton(aws_clients.s3_client, deadline)

    identity_provider = providers.Singleton(_identity_provider, cognito_client, settings)
    personal_data = providers.Singleton(_personal_data, s3_client, settings)
