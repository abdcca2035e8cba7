"""How much of a file's metadata is read at most."""

from dataclasses import dataclass

from pydantic import PositiveFloat, PositiveInt


@dataclass(frozen=True, slots=True)
class ReaderLimits:
    """Bounds on what one file can make the reader do; what is beyond one is left out with a warning.

    The defaults are several times what the largest real files need.
    """

    max_block_bytes: PositiveInt = 8 * 1024 * 1024
    """Bytes of one EXIF, IPTC, XMP or ICC block, and of one value in it."""
    max_inflated_bytes: PositiveInt = 8 * 1024 * 1024
    """Bytes that one compressed block may inflate to."""
    max_metadata_bytes: PositiveInt = 24 * 1024 * 1024
    """Bytes that all blocks of a file may come to, as they are copied or inflated out of it."""
    max_decoding_bytes: PositiveInt = 48 * 1024 * 1024
    """Bytes of a file's blocks that may be copied, hashed, parsed or turned into text, each time that it
    is done: tags that point to the same bytes count them once each."""
    max_elements: PositiveInt = 60_000
    """Entries of directories, datasets, resources, elements, attributes and values of lists that are read
    of a file."""
    max_structures: PositiveInt = 50_000
    """Segments, chunks, boxes or blocks of a file; a file with more is refused."""
    max_items: PositiveInt = 4_000
    """Items of a HEIC or AVIF, and properties and extents of them; a file with more is refused."""
    max_delegated_bytes: PositiveInt = 1024 * 1024
    """Metadata, compressed bytes counted 16-fold, that the image decoder is shown. A file with more
    metadata, or with more than :attr:`max_delegated_blocks`, is shown to it without, because decoders
    copy, inflate and scan all of it."""
    max_delegated_blocks: PositiveInt = 256
    max_frames: PositiveInt = 20_000
    """Pages of a TIFF that are counted."""
    max_strips: PositiveInt = 2_000_000
    """Strips or tiles of the first page of a TIFF; a file with more is refused."""
    max_sub_blocks: PositiveInt = 2_000_000
    """Sub-blocks of a GIF, where many of one size in a row count as one; a file with more is refused."""
    max_ifd_entries: PositiveInt = 2_000
    """Entries that are read of one image file directory."""
    max_values: PositiveInt = 1_024
    """Values of one numeric tag; a longer array is described by its size and hash."""
    max_iptc_datasets: PositiveInt = 5_000
    max_xml_depth: PositiveInt = 64
    max_xml_nodes: PositiveInt = 20_000
    """Elements and attributes of one XMP packet. Entities and document types are never allowed."""
    max_name_length: PositiveInt = 512
    """Characters of the name of an XMP property, and of a namespace."""
    max_text_length: PositiveInt = 65_536
    """Characters of one text; a longer one is cut."""
    max_document_bytes: PositiveInt = 1024 * 1024
    """Bytes of JSON that all the blocks of a file may come to; a value that does not fit is left out."""
    max_cpu_s: PositiveFloat = 10.0
    """Seconds of processor time, as a backstop: the other limits are reached in less than one."""
    max_warnings: PositiveInt = 20
