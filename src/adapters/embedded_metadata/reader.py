"""Reads all the metadata of one image file."""

import hashlib
from collections.abc import Callable
from dataclasses import dataclass
from typing import BinaryIO

from adapters.embedded_metadata.budget import Budget, BudgetSpent
from adapters.embedded_metadata.byte_source import ByteSource, StreamSource
from adapters.embedded_metadata.exif import ExifTags, decode_exif
from adapters.embedded_metadata.exif_blocks import supplement
from adapters.embedded_metadata.gif import read_gif
from adapters.embedded_metadata.icc import decode_icc
from adapters.embedded_metadata.iptc import decode_iptc
from adapters.embedded_metadata.isobmff import read_isobmff
from adapters.embedded_metadata.jpeg import read_jpeg
from adapters.embedded_metadata.layout import Layout, Warnings
from adapters.embedded_metadata.limits import ReaderLimits
from adapters.embedded_metadata.photoshop import read_image_resources
from adapters.embedded_metadata.png import read_png
from adapters.embedded_metadata.text import decode_text, limit_text
from adapters.embedded_metadata.tiff import read_tiff
from adapters.embedded_metadata.webp import read_webp
from adapters.embedded_metadata.xmp import decode_xmp
from domain.metadata.model import ExtractedMetadata, ExtractionTool, Tags
from domain.shared.image_format import ImageFormat

_DEFAULT_LIMITS = ReaderLimits()
_BUDGET_SPENT = "The file has more metadata than the limits allow; the rest was left out."

_LayoutReader = Callable[[ByteSource, Budget, Warnings], Layout]

_LAYOUT_READERS: dict[ImageFormat, _LayoutReader] = {
    ImageFormat.JPEG: read_jpeg,
    ImageFormat.PNG: read_png,
    ImageFormat.GIF: read_gif,
    ImageFormat.WEBP: read_webp,
    ImageFormat.TIFF: read_tiff,
    ImageFormat.HEIC: lambda source, budget, warnings: read_isobmff(source, budget, warnings, "HEIC"),
    ImageFormat.AVIF: lambda source, budget, warnings: read_isobmff(source, budget, warnings, "AVIF"),
}


@dataclass(frozen=True, slots=True)
class EmbeddedMetadata:
    """The structure of an image file and its decoded blocks, named as in ExtractedMetadata."""

    width: int | None
    """Pixels of the first frame as stored; ``None`` if the file does not say."""
    height: int | None
    bit_depth: int | None
    frames: int
    orientation: int
    is_camera_raw: bool
    exif: Tags
    gps: Tags
    iptc: Tags
    xmp: Tags
    icc: Tags
    png: Tags
    iptc_changed_last: bool
    warnings: tuple[str, ...]

    def joined_with(
        self,
        *,
        image_format: ImageFormat,
        width: int,
        height: int,
        bit_depth: int,
        color_space: str,
        extracted_with: ExtractionTool,
    ) -> ExtractedMetadata:
        """Combine this with what a decoder reports about the image."""
        return ExtractedMetadata(
            image_format=image_format,
            width=width,
            height=height,
            bit_depth=bit_depth,
            color_space=color_space,
            orientation=self.orientation,
            is_camera_raw=self.is_camera_raw,
            frames=self.frames,
            exif=self.exif,
            gps=self.gps,
            iptc=self.iptc,
            xmp=self.xmp,
            icc=self.icc,
            png=self.png,
            iptc_changed_last=self.iptc_changed_last,
            warnings=self.warnings,
            extracted_with=extracted_with,
        )


class EmbeddedMetadataReader:
    """Reads the metadata blocks of image files within :class:`ReaderLimits`.

    One :class:`Budget` covers all work on a file. Time and memory depend on the limits, not on the
    file's size.
    """

    def __init__(self, limits: ReaderLimits = _DEFAULT_LIMITS) -> None:
        self._limits = limits

    def read_structure(
        self, content: BinaryIO, image_format: ImageFormat
    ) -> tuple[Layout, Budget, Warnings]:
        """Return the file's structure and raw blocks, the rest of its budget, and the warnings so far.

        Raises UnreadableImage if the file is damaged or incomplete, or ReadingTimedOut.
        """
        budget, warnings = Budget(self._limits), Warnings(self._limits.max_warnings)
        source = StreamSource(content, budget.processor_time.step)
        layout = _LAYOUT_READERS[image_format](source, budget, warnings)
        return layout, budget, warnings

    def decode(self, layout: Layout, budget: Budget, warnings: Warnings) -> EmbeddedMetadata:
        """Decode the blocks of a structure. Damaged ones are left out with a warning.

        Raises ReadingTimedOut.
        """
        tags = self._decode_exif(layout, budget, warnings)
        xmp: Tags = {}
        for packet in layout.xmp:
            if budget.admit_decoder():
                decode_xmp(packet, xmp, budget, warnings)
        iptc = decode_iptc(layout.iptc, budget, warnings) if layout.iptc else {}
        icc = decode_icc(layout.icc, budget, warnings) if layout.icc else {}
        png: Tags = {}
        if layout.creation_time:
            time = limit_text(decode_text(layout.creation_time), "PNG: the time", budget, warnings)
            budget.keep(png, "CreationTime", time)
        texts = warnings.texts
        if budget.is_spent:
            texts = (*texts[: self._limits.max_warnings - 1], _BUDGET_SPENT)
        return EmbeddedMetadata(
            width=layout.width,
            height=layout.height,
            bit_depth=layout.bit_depth,
            frames=layout.frames,
            orientation=_orientation(tags.exif, layout),
            is_camera_raw=layout.is_camera_raw,
            exif=tags.exif,
            gps=tags.gps,
            iptc=iptc,
            xmp=xmp,
            icc=icc,
            png=png,
            iptc_changed_last=_is_iptc_changed(layout, budget),
            warnings=texts,
        )

    def _decode_exif(self, layout: Layout, budget: Budget, warnings: Warnings) -> ExifTags:
        """Return the tags of all EXIF blocks; add the other blocks in them to the layout."""
        tags = ExifTags()
        # The list may grow: a block can hold image resources with another EXIF block.
        for source in layout.exif:
            if not budget.admit_decoder():
                break
            found = decode_exif(source, budget, warnings)
            self._adopt(found, layout, budget, warnings)
            if not tags.exif and not tags.gps:
                tags = found
                continue
            for kept, others in ((tags.exif, found.exif), (tags.gps, found.gps)):
                supplement(kept, others)
                for name in others:
                    if kept.get(name) is not others[name]:
                        budget.release(others, name)
        return tags

    def _adopt(self, tags: ExifTags, layout: Layout, budget: Budget, warnings: Warnings) -> None:
        """Add the blocks that a TIFF structure has in tags. The file's own IPTC and ICC take precedence."""
        layout.iptc = layout.iptc or tags.iptc
        layout.icc = layout.icc or tags.icc
        if tags.xmp:
            layout.xmp.append(tags.xmp)
        if tags.photoshop:
            read_image_resources(tags.photoshop, layout, budget, warnings)


def _orientation(exif: Tags, layout: Layout) -> int:
    """Return the file's own transformations if its format has any, else EXIF's if valid, else 1.

    In HEIC and AVIF, only the properties say how the picture is rotated (ISO/IEC 23000-22, 7.3.10.1).
    """
    if layout.orientation is not None:
        return layout.orientation
    value = exif.get("Orientation")
    return value if isinstance(value, int) and 1 <= value <= 8 else 1


def _is_iptc_changed(layout: Layout, budget: Budget) -> bool:
    """Tell whether the IPTC block no longer matches the digest from the time when XMP was written."""
    block, digest = layout.iptc, layout.iptc_digest
    if not block or not digest or len(digest) != _MD5_LENGTH or not any(digest):
        return False
    try:
        budget.charge_decoding(_FORMS * len(block))
    except BudgetSpent:
        return False
    # A TIFF tag holds whole 32-bit numbers, and some writers pad or trim the end.
    forms = {block, block.rstrip(b"\0"), block + bytes(-len(block) % 4)}
    return digest not in {hashlib.md5(form, usedforsecurity=False).digest() for form in forms}


_MD5_LENGTH = 16
_FORMS = 3
