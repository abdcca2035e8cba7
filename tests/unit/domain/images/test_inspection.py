"""Which bytes are an acceptable image."""

import hashlib
import io
from typing import BinaryIO

import pytest

from domain.images.errors import UnsupportedImageType
from domain.images.inspection import ImageInspector
from domain.images.model import ImageLimits
from domain.metadata.errors import ImageDimensionsExceeded, UnreadableImage
from domain.metadata.location import LocationPolicy
from domain.metadata.model import ExtractedMetadata
from domain.metadata.pixel_limits import PixelLimits
from domain.shared.image_format import ImageFormat
from tests.support.fakes.metadata_extractor import RememberingMetadataExtractor
from tests.support.samples import extracted_metadata

JPEG = b"\xff\xd8\xff\xe0" + bytes(300_000)


def inspector(
    limits: ImageLimits | None = None, extracted: ExtractedMetadata | None = None
) -> ImageInspector:
    extractor = RememberingMetadataExtractor({JPEG: extracted or extracted_metadata()})
    return ImageInspector(extractor, limits or ImageLimits())


def test_the_position_is_left_out_where_it_is_to_be_dropped() -> None:
    extracted = extracted_metadata().model_copy(
        update={"gps": {"GPSLatitudeRef": "N", "GPSLatitude": [48, 51, 29.5]}}
    )
    extractor = RememberingMetadataExtractor({JPEG: extracted})

    kept, dropped = (
        ImageInspector(extractor, ImageLimits(), location).inspect(io.BytesIO(JPEG)).document
        for location in LocationPolicy
    )

    assert kept.gps
    assert dropped == kept.model_copy(update={"gps": None})


def test_an_accepted_image_is_described_by_its_bytes() -> None:
    stream = io.BytesIO(JPEG)
    stream.seek(100)

    inspected = inspector().inspect(stream)

    assert inspected.image_format is ImageFormat.JPEG
    assert inspected.size_bytes == len(JPEG)
    assert inspected.sha256 == hashlib.sha256(JPEG).hexdigest()
    image = inspected.document.image
    assert (image.format, image.mime_type, image.width, image.height) == ("jpeg", "image/jpeg", 320, 240)
    assert (image.size_bytes, image.sha256) == (inspected.size_bytes, inspected.sha256)
    assert inspected.document.summary == {
        "camera_make": "Canon",
        "exposure_time_s": 0.005,
        "description": "Zeile 1\nZeile 2 · été",
        "keywords": ["harbour", "dusk; blue=1"],
    }


def test_an_image_is_read_from_its_start_a_block_at_a_time() -> None:
    class Blocks(io.BytesIO):
        def read(self, size: int | None = -1) -> bytes:
            assert size is not None
            assert 0 < size <= 256 * 1024
            return super().read(size)

    class Positions(RememberingMetadataExtractor):
        def extract(self, content: BinaryIO, image_format: ImageFormat) -> ExtractedMetadata:
            assert content.tell() == 0
            return extracted_metadata(image_format)

    inspected = ImageInspector(Positions({}), ImageLimits()).inspect(Blocks(JPEG))

    assert inspected.sha256 == hashlib.sha256(JPEG).hexdigest()


def test_blocks_that_the_file_lacks_are_left_out_of_the_document() -> None:
    document = inspector().inspect(io.BytesIO(JPEG)).document

    assert (document.gps, document.xmp, document.icc, document.warnings) == (None, None, None, None)
    assert b'"gps"' not in document.to_json()


@pytest.mark.parametrize("content", [b"", b"GIF", b"<svg/>", b"%PDF-1.7", bytes(64)])
def test_bytes_without_the_signature_of_an_allowed_format_are_refused(content: bytes) -> None:
    with pytest.raises(UnsupportedImageType) as refusal:
        inspector().inspect(io.BytesIO(content))
    assert refusal.value.detail == (
        "The bytes are not an image of an allowed format: avif, gif, heic, jpeg, png, tiff, webp."
    )


def test_a_format_that_is_not_allowed_is_refused() -> None:
    limits = ImageLimits(formats=frozenset({ImageFormat.PNG, ImageFormat.GIF}))

    with pytest.raises(UnsupportedImageType, match=r"allowed format: gif, png\."):
        inspector(limits).inspect(io.BytesIO(JPEG))


def test_an_image_that_cannot_be_read_is_refused() -> None:
    with pytest.raises(UnreadableImage):
        inspector().inspect(io.BytesIO(JPEG + b"x"))


def test_the_extractor_s_limits_apply_to_the_dimensions() -> None:
    extractor = RememberingMetadataExtractor({JPEG: extracted_metadata()}, PixelLimits(max_side_px=319))

    with pytest.raises(ImageDimensionsExceeded):
        ImageInspector(extractor, ImageLimits()).inspect(io.BytesIO(JPEG))


def test_a_camera_s_raw_file_is_said_to_be_one_or_refused() -> None:
    raw = extracted_metadata().model_copy(update={"is_camera_raw": True})

    assert inspector(extracted=raw).inspect(io.BytesIO(JPEG)).document.image.raw is True
    assert b'"raw"' not in inspector().inspect(io.BytesIO(JPEG)).document.to_json()
    with pytest.raises(
        UnsupportedImageType, match=r"^The file is a camera raw file; these are not accepted\.$"
    ):
        inspector(ImageLimits(allow_camera_raw=False), raw).inspect(io.BytesIO(JPEG))
    assert inspector(ImageLimits(allow_camera_raw=False)).inspect(io.BytesIO(JPEG))
