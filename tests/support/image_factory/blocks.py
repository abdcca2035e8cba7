"""The metadata to embed in a photo, before the file format is known."""

from dataclasses import dataclass

from tests.support.image_factory.tiff_structure import ByteOrder, Ifd, tiff_structure


@dataclass(frozen=True)
class Blocks:
    """The metadata blocks of one photo; each may be missing. ``xmp_extension`` only fits a JPEG."""

    exif: Ifd | None = None
    order: ByteOrder = ">"
    iptc: bytes | None = None
    xmp: bytes | None = None
    xmp_extension: bytes | None = None
    icc: bytes | None = None

    @property
    def exif_block(self) -> bytes | None:
        """The EXIF block, as every file format but TIFF holds it."""
        return tiff_structure(self.exif, self.order) if self.exif else None
