"""Limits on the metadata that is read from one file."""

from dataclasses import dataclass

from pydantic import PositiveFloat, PositiveInt


@dataclass(frozen=True, slots=True)
class ReaderLimits:
    """Limits on what one file can make the reader do.

    Metadata beyond a limit is left out with a warning. The defaults are several times what the largest
    real files need.
    """

    max_block_bytes: PositiveInt = 8 * 1024 * 1024
    """Bytes in one EXIF, IPTC, XMP or ICC block, and in one value in it."""
    max_inflated_bytes: PositiveInt = 8 * 1024 * 1024
    """Bytes that one compressed block may inflate to."""
    max_metadata_bytes: PositiveInt = 24 * 1024 * 1024
    """Total bytes of the blocks copied or inflated out of a file."""
    max_decoding_bytes: PositiveInt = 48 * 1024 * 1024
    """Total bytes of a file's blocks that are copied, hashed, parsed or turned into text. Bytes that
    several tags point to count once for each tag."""
    max_elements: PositiveInt = 60_000
    """Directory entries, datasets, resources, elements, attributes and list values read from one file."""
    max_structures: PositiveInt = 50_000
    """Segments, chunks, boxes or blocks in a file; a file with more is refused."""
    max_items: PositiveInt = 4_000
    """A HEIC or AVIF may have four times as many items, properties, extents and references in total; a file
    with more is refused."""
    max_delegated_bytes: PositiveInt = 1024 * 1024
    """Bytes of metadata that the image decoder may receive; compressed bytes count 16 times. If a file has
    more, or more than :attr:`max_delegated_blocks` blocks, all metadata is removed first, because decoders
    copy, inflate and scan all of it."""
    max_delegated_blocks: PositiveInt = 256
    max_frames: PositiveInt = 20_000
    """Pages counted in a TIFF."""
    max_strips: PositiveInt = 2_000_000
    """Strips or tiles on the first page of a TIFF; a file with more is refused."""
    max_sub_blocks: PositiveInt = 2_000_000
    """Sub-blocks in a GIF, where a run of equally large ones counts as one; a file with more is refused."""
    max_ifd_entries: PositiveInt = 2_000
    """Entries read from one image file directory."""
    max_values: PositiveInt = 1_024
    """Values in one numeric tag; a longer array is replaced by its size and hash."""
    max_iptc_datasets: PositiveInt = 5_000
    max_xml_depth: PositiveInt = 64
    max_xml_nodes: PositiveInt = 20_000
    """Elements and attributes in one XMP packet. Entities and document types are never allowed."""
    max_name_length: PositiveInt = 512
    """Characters in the name of an XMP property, and of a namespace."""
    max_text_length: PositiveInt = 65_536
    """Characters in one text; a longer text is truncated."""
    max_document_bytes: PositiveInt = 1024 * 1024
    """Bytes of JSON for all blocks of a file; a value that does not fit is left out."""
    max_cpu_s: PositiveFloat = 10.0
    """Seconds of processor time, in case the other limits fail: those are reached in less than one."""
    max_warnings: PositiveInt = 20
