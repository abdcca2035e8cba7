"""Composes the use cases of the ``images`` function and hands them to its routes."""

from aws_lambda_powertools.event_handler import APIGatewayHttpResolver

from domain.images.inspection import ImageInspector
from domain.images.upload_policy import UploadPolicy
from domain.images.use_cases.direct_upload import (
    AbortUpload,
    CompleteUpload,
    CreateUpload,
    ListParts,
    SignMultipartOperation,
    SignParts,
)
from domain.images.use_cases.library import (
    DeleteImage,
    GetContentLink,
    GetImage,
    GetImageMetadata,
    ListImages,
)
from domain.images.use_cases.small_upload import UploadImage
from entrypoints.composition.image_adapters import ImageAdapters
from entrypoints.http.image_routes import ImageUseCases, add_image_routes
from entrypoints.http.resolver import RouteSet
from entrypoints.http.upload_routes import UploadUseCases, add_upload_routes


def image_routes(adapters: ImageAdapters) -> RouteSet:
    """Compose all operations on images and uploads; what is returned registers them."""
    settings, limits = adapters.settings(), adapters.settings().image_limits
    clock, random_bytes = adapters.clock(), adapters.random_bytes()
    images, uploads = adapters.image_store(), adapters.upload_store()
    policy = UploadPolicy(requires_permission=settings.uploads_require_permission)
    image_use_cases = ImageUseCases(
        upload_image=UploadImage(
            policy,
            ImageInspector(adapters.metadata_extractor(), limits),
            images,
            limits,
            adapters.idempotency_store(),
            clock,
            random_bytes,
        ),
        list_images=ListImages(images),
        get_image=GetImage(images, uploads),
        get_image_metadata=GetImageMetadata(images, uploads),
        get_content_link=GetContentLink(images, uploads, settings.content_link_lifetime),
        delete_image=DeleteImage(images),
    )
    lifetime = settings.upload_link_lifetime
    upload_use_cases = UploadUseCases(
        create_upload=CreateUpload(policy, uploads, limits, clock, random_bytes, lifetime),
        sign_parts=SignParts(uploads, lifetime),
        list_parts=ListParts(uploads),
        complete_upload=CompleteUpload(uploads, images),
        sign_multipart_operation=SignMultipartOperation(uploads, lifetime),
        abort_upload=AbortUpload(uploads, images),
    )

    def add_routes(app: APIGatewayHttpResolver) -> None:
        add_image_routes(app, image_use_cases)
        add_upload_routes(app, upload_use_cases)

    return add_routes
