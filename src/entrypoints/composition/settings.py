"""The functions' settings, from environment variables.

Terraform sets them on the deployed functions, the local server on its own; ``README.md`` lists them.
"""

from pathlib import Path

from pydantic import Field
from pydantic_settings import BaseSettings

from adapters.embedded_metadata.limits import ReaderLimits
from adapters.imagemagick.process import ProcessLimits
from domain.images.model import ImageLimits
from domain.images.upload import MAX_MULTIPART_BYTES

_DEFAULT_LIMITS = ImageLimits()


class ExtractionSettings(BaseSettings):
    """What reading images needs. Each field is the environment variable of that name, in upper case."""

    max_pixels: int = Field(default=_DEFAULT_LIMITS.max_pixels, gt=0)
    max_side_px: int = Field(default=_DEFAULT_LIMITS.max_side_px, gt=0)

    imagemagick_home: Path | None = None
    """The directory of our ImageMagick bundle, such as ``/opt/imagemagick``."""
    identify_path: Path | None = None
    """An installed ``identify`` or ``magick``; without either setting, the PATH is searched."""

    metadata_limits: ReaderLimits = ReaderLimits()
    """A JSON object of the limits that differ from the defaults; ``docs/metadata.md`` lists them."""
    identify_limits: ProcessLimits = ProcessLimits()
    """Likewise, of one run of ``identify``."""


class Settings(ExtractionSettings):
    """Reads each field from the environment variable of the same name, in upper case."""

    user_pool_id: str
    user_pool_client_id: str
    """The server-side app client: no secret, only the flows that IAM protects."""
    images_bucket: str

    totp_issuer: str = Field(default="Images", min_length=1, max_length=64)
    """The name under which authenticator apps file an account of this service."""

    max_small_upload_bytes: int = Field(default=_DEFAULT_LIMITS.max_small_upload_bytes, gt=0)
    max_direct_upload_bytes: int = Field(default=_DEFAULT_LIMITS.max_direct_upload_bytes, gt=0)
    max_multipart_upload_bytes: int = Field(
        default=_DEFAULT_LIMITS.max_multipart_upload_bytes, gt=0, le=MAX_MULTIPART_BYTES
    )
    content_link_ttl_s: int = Field(default=300, ge=1, le=3600)
    upload_link_ttl_s: int = Field(default=900, ge=60, le=3600)

    uploads_queue_url: str | None = None
    """The queue of the ingest function, which then has failed messages come again early."""

    uploads_require_permission: bool = False
    """Whether only callers whose token carries the permission images:upload may upload."""

    s3_public_endpoint_url: str | None = None
    """The endpoint of presigned URLs, where clients reach S3 under another one than the functions."""

    @property
    def image_limits(self) -> ImageLimits:
        """The limits on images as the domain takes them."""
        return ImageLimits(
            max_small_upload_bytes=self.max_small_upload_bytes,
            max_direct_upload_bytes=self.max_direct_upload_bytes,
            max_multipart_upload_bytes=self.max_multipart_upload_bytes,
            max_pixels=self.max_pixels,
            max_side_px=self.max_side_px,
        )
