"""The functions' settings, from environment variables.

Each field is read from the environment variable with the same name in upper case. Terraform sets them for
the deployed functions, the local server for its own. ``README.md`` lists them.
"""

from datetime import timedelta
from typing import Annotated

from pydantic import BeforeValidator, Field

from domain.images.acceptance import DuplicatePolicy
from domain.images.account import Quotas
from domain.images.model import ImageLimits
from domain.metadata.location import LocationPolicy
from domain.renditions.model import DEFAULT_RENDITIONS, RenditionSpec, parse_specs
from entrypoints.composition.environment import EnvironmentSettings

_DEFAULT_LIMITS = ImageLimits()
_RENDITIONS = BeforeValidator(lambda value: parse_specs(value) if isinstance(value, str) else value)


class AccountSettings(EnvironmentSettings):
    """The settings of the operations on accounts."""

    user_pool_id: str
    user_pool_client_id: str
    """The server-side app client, which has no secret, but only flows that IAM protects."""
    records_table: str
    """The table in which deletions of accounts are recorded."""

    totp_issuer: str = Field(default="Images", min_length=1, max_length=64)
    """The service's name in authenticator apps."""

    docs_page: bool = True
    """Whether /docs shows the API's documentation."""


class ImageSettings(EnvironmentSettings):
    """The settings of the operations on images."""

    images_bucket: str
    records_table: str

    max_small_upload_bytes: int = Field(default=_DEFAULT_LIMITS.max_small_upload_bytes, gt=0)
    max_direct_upload_bytes: int = Field(default=_DEFAULT_LIMITS.max_direct_upload_bytes, gt=0)
    max_multipart_upload_bytes: int = Field(default=_DEFAULT_LIMITS.max_multipart_upload_bytes, gt=0)
    allow_camera_raw: bool = _DEFAULT_LIMITS.allow_camera_raw
    """Whether camera raw files that are TIFFs are accepted, with their preview as the image."""
    content_link_ttl_s: int = Field(default=300, ge=1, le=1200)
    upload_link_ttl_s: int = Field(default=900, ge=60, le=3600)

    due_retry_s: int = Field(default=900, ge=1)
    """Seconds until unfinished work is due again."""

    max_images_per_user: int | None = Field(default=None, ge=0)
    max_bytes_per_user: int | None = Field(default=None, ge=0)
    max_pending_uploads_per_user: int | None = Field(default=100, ge=1)
    duplicates: DuplicatePolicy = DuplicatePolicy.REPORT
    """What to do with an image that has the same bytes as another one of its owner: report or reject."""

    renditions: Annotated[tuple[RenditionSpec, ...], _RENDITIONS] = DEFAULT_RENDITIONS
    """The renditions of each image: a comma-separated list of ``name=longest side in pixels``."""

    location: LocationPolicy = LocationPolicy.KEEP
    """What to do with positions in files: keep, or drop, which keeps them in the original only."""

    uploads_require_permission: bool = False
    """Whether only callers whose token has the permission images:upload may upload."""

    s3_public_endpoint_url: str | None = None
    """The endpoint in presigned URLs, if clients use another endpoint of S3 than the functions."""

    @property
    def image_limits(self) -> ImageLimits:
        """The limits on images."""
        return ImageLimits(
            max_small_upload_bytes=self.max_small_upload_bytes,
            max_direct_upload_bytes=self.max_direct_upload_bytes,
            max_multipart_upload_bytes=self.max_multipart_upload_bytes,
            allow_camera_raw=self.allow_camera_raw,
        )

    @property
    def quotas(self) -> Quotas:
        """The quotas of a user's images."""
        return Quotas(
            max_images=self.max_images_per_user,
            max_bytes=self.max_bytes_per_user,
            max_pending=self.max_pending_uploads_per_user,
        )

    @property
    def content_link_lifetime(self) -> timedelta:
        """How long a link to an image's bytes works."""
        return timedelta(seconds=self.content_link_ttl_s)

    @property
    def upload_link_lifetime(self) -> timedelta:
        """How long a link or form for an upload works."""
        return timedelta(seconds=self.upload_link_ttl_s)


class EventSettings(EnvironmentSettings):
    """The settings for publishing events."""

    event_bus: str
    """The name of the EventBridge bus."""
