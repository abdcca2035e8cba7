"""The adapters behind the operations on accounts, made on first use and replaceable one by one."""

from typing import TYPE_CHECKING

from dependency_injector import containers, providers

from adapters.cognito.identity_provider import CognitoIdentityProvider
from adapters.request_deadline import RequestDeadline
from adapters.s3.image_store import S3ImageStore
from domain.accounts.ports import IdentityProvider, PersonalData
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


class AccountAdapters(containers.DeclarativeContainer):
    """Settings, AWS clients and adapters of the ``users`` function."""

    settings = providers.Singleton(AccountSettings.from_environment)
    deadline = providers.Singleton(RequestDeadline)
    cognito_client = providers.Singleton(aws_clients.cognito_client, deadline)
    s3_client = providers.Singleton(aws_clients.s3_client, deadline)

    identity_provider = providers.Singleton(_identity_provider, cognito_client, settings)
    personal_data = providers.Singleton(_personal_data, s3_client, settings)
