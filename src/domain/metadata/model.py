"""An image's metadata: what an extractor reads, and the document that is stored beside the image."""

from typing import Literal

from pydantic import BaseModel, ConfigDict, Field, JsonValue

from domain.shared.image_format import ImageFormat

SCHEMA_VERSION: Literal[1] = 1
"""Version of :class:`MetadataDocument`, raised when a field changes its meaning or is removed."""

Tags = dict[str, JsonValue]
"""Values by standard tag name: numbers as numbers, text as Unicode, several values as a list."""


class ExtractionTool(BaseModel):
    """The program that read an image."""

    model_config = ConfigDict(frozen=True)

    tool: str
    version: str


class ExtractedMetadata(BaseModel):
    """Everything that an extractor finds in one image file.

    Tag names are those of EXIF 3.0 (``exif``, ``gps``), of IPTC-IIM 4.2 in CamelCase (``iptc``) and
    ``prefix:Name`` (``xmp``); ``png`` contains ``CreationTime``. A block that the file lacks is empty.
    ``warnings`` tells the user which metadata could not be read or was omitted because of a limit.
    """

    model_config = ConfigDict(frozen=True)

    image_format: ImageFormat
    width: int = Field(gt=0)
    """Pixels of the first frame as stored, orientation not applied."""
    height: int = Field(gt=0)
    """Pixels of the first frame as stored, orientation not applied."""
    bit_depth: int = Field(gt=0)
    """Bits per sample."""
    color_space: str
    orientation: int = Field(default=1, ge=1, le=8)
    """EXIF Orientation; 1 if not given."""
    frames: int = Field(default=1, gt=0)
    is_camera_raw: bool = False
    """Whether the image is a preview in a camera raw file."""
    exif: Tags = Field(default_factory=dict)
    gps: Tags = Field(default_factory=dict)
    iptc: Tags = Field(default_factory=dict)
    xmp: Tags = Field(default_factory=dict)
    icc: Tags = Field(default_factory=dict)
    png: Tags = Field(default_factory=dict)
    iptc_changed_last: bool = False
    """Whether a digest in the file shows that IPTC was changed after XMP."""
    warnings: tuple[str, ...] = ()
    extracted_with: ExtractionTool


class ImageProperties(BaseModel):
    """The technical properties of the image itself."""

    model_config = ConfigDict(frozen=True)

    format: ImageFormat
    mime_type: str
    width: int
    height: int
    bit_depth: int
    color_space: str
    orientation: int
    frames: int
    raw: bool | None = None
    """``True`` for the preview in a camera raw file, otherwise absent."""
    size_bytes: int
    sha256: str

    @property
    def displayed_size(self) -> tuple[int, int]:
        """Width and height in pixels after applying the orientation."""
        is_on_its_side = self.orientation >= _FIRST_ON_ITS_SIDE
        return (self.height, self.width) if is_on_its_side else (self.width, self.height)


_FIRST_ON_ITS_SIDE = 5
"""Orientations 5 to 8 exchange width and height (EXIF 3.0, tag Orientation)."""


class MetadataDocument(BaseModel):
    """``metadata.json``: the same bytes always give the same document."""

    model_config = ConfigDict(frozen=True)

    schema_version: Literal[1] = SCHEMA_VERSION
    image: ImageProperties
    summary: Tags
    """Common fields for applications that do not know the standards."""
    exif: Tags
    iptc: Tags
    gps: Tags | None = None
    xmp: Tags | None = None
    icc: Tags | None = None
    png: Tags | None = None
    warnings: tuple[str, ...] | None = None
    extracted_with: ExtractionTool

    def to_json(self) -> bytes:
        """Serialise the document as UTF-8 JSON without absent fields."""
        return self.model_dump_json(exclude_none=True).encode()
