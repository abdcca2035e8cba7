"""What a metadata document has of what was extracted."""

from domain.metadata.document import build_document
from domain.metadata.model import Tags
from tests.support.samples import extracted_metadata


def test_a_document_has_every_block_that_the_file_has() -> None:
    blocks: dict[str, Tags] = {
        name: {"Name": name} for name in ("exif", "gps", "iptc", "xmp", "icc", "png")
    }
    extracted = extracted_metadata().model_copy(
        update={**blocks, "warnings": ("Something was left out.",), "orientation": 6, "frames": 3}
    )

    document = build_document(extracted, size_bytes=5, sha256="0" * 64)

    assert {name: getattr(document, name) for name in blocks} == blocks
    assert document.warnings == ("Something was left out.",)
    assert document.extracted_with == extracted.extracted_with
    image = document.image
    assert (image.width, image.height, image.bit_depth, image.color_space) == (320, 240, 8, "sRGB")
    assert (image.orientation, image.frames) == (6, 3)
