"""Writes IPTC-IIM datasets (IIM 4.2 §1.5) and the Photoshop image resources that carry them."""

import struct
from collections.abc import Iterable

UTF8 = b"\x1b%G"
"""The value of dataset 1:90 (CodedCharacterSet) that announces UTF-8."""

IPTC_RESOURCE = 0x0404


def dataset(record: int, number: int, value: bytes) -> bytes:
    """One dataset; a value of 32 768 bytes or more gets an extended length."""
    if len(value) < 0x8000:
        return struct.pack(">BBBH", 0x1C, record, number, len(value)) + value
    return struct.pack(">BBBHI", 0x1C, record, number, 0x8004, len(value)) + value


def iim(datasets: Iterable[tuple[int, int, bytes]]) -> bytes:
    """A block of datasets, given as record, number and value."""
    return b"".join(dataset(record, number, value) for record, number, value in datasets)


def image_resource(resource_id: int, value: bytes, name: bytes = b"") -> bytes:
    """One Photoshop image resource block (Adobe Photoshop File Formats, "Image Resource Blocks")."""
    pascal_name = bytes([len(name)]) + name
    pascal_name += bytes(len(pascal_name) % 2)
    return (
        b"8BIM"
        + struct.pack(">H", resource_id)
        + pascal_name
        + struct.pack(">I", len(value))
        + value
        + bytes(len(value) % 2)
    )


def image_resources(iptc: bytes) -> bytes:
    """Image resources as Photoshop writes them: resolution, the IPTC block, and a named one."""
    resolution = struct.pack(">IHHIHH", 72 << 16, 1, 1, 72 << 16, 1, 1)
    return (
        image_resource(0x03ED, resolution)
        + image_resource(IPTC_RESOURCE, iptc)
        + image_resource(0x040B, b"https://example.com/odd", b"url")
    )
