"""The composition root: which adapter serves which port, and which use case gets what."""

import os
import secrets
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any

import boto3
from botocore.config import Config
from dependency_injector import containers, providers

from adapters.cognito.identity_provider import CognitoIdentityProvider
from adapters.s3.idempotency import S3IdempotencyStore
from adapters.s3.image_store import S3ImageStore
from adapters.s3.incoming import S3IncomingStore
from adapters.s3.uploads import S3UploadStore
from domain.accounts.use_cases import mfa, passwords, profile, registration, sign_in
from domain.images.inspection import ImageInspector
from domain.images.upload_policy import UploadPolicy
from domain.images.use_cases import direct_upload as uploads
from domain.images.use_cases import ingest, small_upload
from domain.images.use_cases import library as images
from entrypoints.composition.extraction import make_extractor
from entrypoints.composition.settings import Settings

if TYPE_CHECKING:
    from mypy_boto3_s3 import S3Client

_CONNECT_TIMEOUT_S = 2
_READ_TIMEOUT_S = 10
"""API Gateway gives up after 30 s: three attempts of this length would be cut off anyway."""


def _client(service: str, endpoint_url: str | None = None, read_timeout_s: int = _READ_TIMEOUT_S) -> Any:
    # A bucket name cannot become a host name of an emulator that is reached by address.
    is_emulated = endpoint_url or os.environ.get("AWS_ENDPOINT_URL")
    return boto3.client(  # type: ignore[call-overload]  # the stubs know literal names only
        service,
        endpoint_url=endpoint_url,
        config=Config(
            connect_timeout=_CONNECT_TIMEOUT_S,
            read_timeout=read_timeout_s,
            retries={"mode": "standard", "total_max_attempts": 3},
            signature_version="s3v4" if service == "s3" else None,
            # Presigned with "auto", links name the global endpoint, which redirects to the region's.
            s3={"addressing_style": "path" if is_emulated else "virtual"},
        ),
    )


def _link_client(settings: Settings, client: "S3Client") -> "S3Client":
    endpoint_url = settings.s3_public_endpoint_url
    return _client("s3", endpoint_url) if endpoint_url else client


def _utc_now() -> datetime:
    return datetime.now(UTC)


class Container(containers.DeclarativeContainer):
    """Everything is made on first use, so a function pays only for the adapters that it calls."""

    settings = providers.Singleton(Settings)
    image_limits = providers.Callable(lambda settings: settings.image_limits, settings)
    clock = providers.Object(_utc_now)
    random_bytes = providers.Object(secrets.token_bytes)

    cognito_client = providers.Singleton(_client, "cognito-idp")
    s3_read_timeout_s = providers.Object(_READ_TIMEOUT_S)
    s3_client = providers.Singleton(_client, "s3", read_timeout_s=s3_read_timeout_s)
    sqs_client = providers.Singleton(_client, "sqs")
    s3_link_client = providers.Singleton(_link_client, settings, s3_client)

    identity_provider = providers.Singleton(
        CognitoIdentityProvider,
        cognito_client,
        user_pool_id=settings.provided.user_pool_id,
        client_id=settings.provided.user_pool_client_id,
    )
    image_store = providers.Singleton(
        S3ImageStore,
        s3_client,
        bucket=settings.provided.images_bucket,
        clock=clock,
        link_client=s3_link_client,
    )
    upload_store = providers.Singleton(
        S3UploadStore,
        s3_client,
        bucket=settings.provided.images_bucket,
        clock=clock,
        link_client=s3_link_client,
    )
    incoming_store = providers.Singleton(S3IncomingStore, s3_client, bucket=settings.provided.images_bucket)
    idempotency_store = providers.Singleton(
        S3IdempotencyStore, s3_client, bucket=settings.provided.images_bucket
    )
    metadata_extractor = providers.Singleton(make_extractor, settings)
    image_inspector = providers.Singleton(ImageInspector, metadata_extractor, image_limits)

    register_user = providers.Singleton(registration.RegisterUser, identity_provider)
    confirm_user = providers.Singleton(registration.ConfirmUser, identity_provider)
    resend_confirmation_code = providers.Singleton(registration.ResendConfirmationCode, identity_provider)
    authenticate = providers.Singleton(
        sign_in.Authenticate, identity_provider, totp_issuer=settings.provided.totp_issuer
    )
    answer_challenge = providers.Singleton(
        sign_in.AnswerChallenge, identity_provider, totp_issuer=settings.provided.totp_issuer
    )
    refresh_tokens = providers.Singleton(sign_in.RefreshTokens, identity_provider)
    revoke_refresh_token = providers.Singleton(sign_in.RevokeRefreshToken, identity_provider)
    sign_out_everywhere = providers.Singleton(sign_in.SignOutEverywhere, identity_provider)
    request_password_reset = providers.Singleton(passwords.RequestPasswordReset, identity_provider)
    reset_password = providers.Singleton(passwords.ResetPassword, identity_provider)
    change_password = providers.Singleton(passwords.ChangePassword, identity_provider)
    get_profile = providers.Singleton(profile.GetProfile, identity_provider)
    update_profile = providers.Singleton(profile.UpdateProfile, identity_provider)
    delete_account = providers.Singleton(profile.DeleteAccount, identity_provider, image_store)
    start_totp_enrolment = providers.Singleton(
        mfa.StartTotpEnrolment, identity_provider, issuer=settings.provided.totp_issuer
    )
    verify_totp = providers.Singleton(mfa.VerifyTotp, identity_provider)
    disable_totp = providers.Singleton(mfa.DisableTotp, identity_provider)

    upload_policy = providers.Singleton(
        UploadPolicy, requires_permission=settings.provided.uploads_require_permission
    )
    upload_image = providers.Singleton(
        small_upload.UploadImage,
        upload_policy,
        image_inspector,
        image_store,
        image_limits,
        idempotency_store,
        clock,
        random_bytes,
    )
    list_images = providers.Singleton(images.ListImages, image_store)
    get_image = providers.Singleton(images.GetImage, image_store, upload_store)
    get_image_metadata = providers.Singleton(images.GetImageMetadata, image_store, upload_store)
    get_content_link = providers.Singleton(
        images.GetContentLink,
        image_store,
        upload_store,
        providers.Callable(lambda settings: timedelta(seconds=settings.content_link_ttl_s), settings),
    )
    delete_image = providers.Singleton(images.DeleteImage, image_store)

    upload_link_lifetime = providers.Callable(
        lambda settings: timedelta(seconds=settings.upload_link_ttl_s), settings
    )
    create_upload = providers.Singleton(
        uploads.CreateUpload,
        upload_policy,
        upload_store,
        image_limits,
        clock,
        random_bytes,
        upload_link_lifetime,
    )
    sign_parts = providers.Singleton(uploads.SignParts, upload_store, upload_link_lifetime)
    sign_operation = providers.Singleton(uploads.SignOperation, upload_store, upload_link_lifetime)
    list_parts = providers.Singleton(uploads.ListParts, upload_store)
    complete_upload = providers.Singleton(uploads.CompleteUpload, upload_store, image_store)
    abort_upload = providers.Singleton(uploads.AbortUpload, upload_store, image_store)
    ingest_image = providers.Singleton(
        ingest.IngestImage, image_inspector, image_store, incoming_store, image_limits
    )
