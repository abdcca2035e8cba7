"""Composes the use cases of the ``images`` function and hands them to its routes."""

from aws_lambda_powertools.event_handler import APIGatewayHttpResolver

from domain.images.inspection import ImageInspector
from domain.images.links import ImageViews
from domain.images.removal import ImageRemoval
from domain.images.upload_policy import UploadPolicy
from domain.images.use_cases.direct_upload import (
    AbortUpload,
    CompleteUpload,
    CreateUpload,
    ListParts,
    SignMultipartOperation,
    SignParts,
)
from domain.images.use_cases.own_images import (
    DeleteImages,
    EditImage,
    GetContentLink,
    GetImage,
    GetImageMetadata,
    GetUsage,
    ListImages,
)
from domain.images.use_cases.small_upload import UploadImage
from entrypoints.composition.acceptance import acceptance
from entrypoints.composition.image_adapters import ImageAdapters
from entrypoints.http.image_change_routes import ImageChangeUseCases, add_image_change_routes
from entrypoints.http.image_routes import ImageUseCases, add_image_routes
from entrypoints.http.resolver import RouteSet
from entrypoints.http.upload_routes import UploadUseCases, add_upload_routes


def image_routes(adapters: ImageAdapters) -> RouteSet:
    """Compose all operations on images and uploads. The result registers their routes."""
    settings = adapters.settings()
    limits, quotas = settings.image_limits, settings.quotas
    clock, random_bytes = adapters.clock(), adapters.random_bytes()
    records, images, incoming = adapters.image_records(), adapters.image_store(), adapters.incoming_store()
    policy = UploadPolicy(requires_permission=settings.uploads_require_permission)
    removal = ImageRemoval(records, images, incoming, clock)
    views = ImageViews(images, settings.content_link_lifetime)
    image_use_cases = ImageUseCases(
        upload_image=UploadImage(
            policy,
            ImageInspector(adapters.metadata_extractor(), limits, settings.location),
            records,
            images,
            acceptance(settings, records),
            removal,
            limits,
            quotas,
            clock,
            random_bytes,
            views,
        ),
        list_images=ListImages(records, views),
        get_image=GetImage(records, images, views),
        get_image_metadata=GetImageMetadata(records, images),
        get_content_link=GetContentLink(records, views),
    )
    change_use_cases = ImageChangeUseCases(
        edit_image=EditImage(records, views),
        delete_images=DeleteImages(records, removal),
        get_usage=GetUsage(records, quotas),
    )
    lifetime = settings.upload_link_lifetime
    upload_use_cases = UploadUseCases(
        create_upload=CreateUpload(
            policy, records, incoming, limits, quotas, clock, random_bytes, lifetime
        ),
        sign_parts=SignParts(records, incoming, clock, lifetime),
        list_parts=ListParts(records, incoming, clock),
        complete_upload=CompleteUpload(records, incoming),
        sign_multipart_operation=SignMultipartOperation(records, incoming, clock, lifetime),
        abort_upload=AbortUpload(records, removal),
    )

    def add_routes(app: APIGatewayHttpResolver) -> None:
        add_image_routes(app, image_use_cases)
        add_image_change_routes(app, change_use_cases)
        add_upload_routes(app, upload_use_cases)

    return add_routes
