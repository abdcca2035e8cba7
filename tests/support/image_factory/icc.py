"""Writes small but valid ICC profiles (ICC.1:2001-04 for version 2, ICC.1:2010 for version 4)."""

import struct


def profile(description: str, *, version: int = 4, color_space: bytes = b"RGB ", padding: int = 0) -> bytes:
    """A display profile with a description; ``padding`` bytes in a private tag make it larger."""
    tags = [(b"desc", _v4_text(description) if version >= 4 else _v2_description(description))]
    tags.append(
        (b"cprt", _v4_text("No rights reserved") if version >= 4 else b"text\0\0\0\0No rights reserved\0")
    )
    tags.append((b"wtpt", _xyz(0.9642, 1.0, 0.8249)))
    if color_space == b"RGB ":
        tags.append((b"rXYZ", _xyz(0.4361, 0.2225, 0.0139)))
        tags.append((b"gXYZ", _xyz(0.3851, 0.7169, 0.0971)))
        tags.append((b"bXYZ", _xyz(0.1431, 0.0606, 0.7141)))
        curve = b"curv" + struct.pack(">IIH", 0, 1, 0x0233)
        tags += [(b"rTRC", curve), (b"gTRC", curve), (b"bTRC", curve)]
    else:
        tags.append((b"kTRC", b"curv" + struct.pack(">IIH", 0, 1, 0x0233)))
    if padding:
        tags.append((b"priv", b"data" + struct.pack(">II", 0, 1) + bytes(range(256)) * (padding // 256)))
    table = struct.pack(">I", len(tags))
    data = b""
    start = 128 + 4 + 12 * len(tags)
    for signature, value in tags:
        data += bytes(-len(data) % 4)
        table += signature + struct.pack(">II", start + len(data), len(value))
        data += value
    data += bytes(-len(data) % 4)
    size = start + len(data)
    header = struct.pack(
        ">I4sI4s4s4s6H4s4sI4s4sQI3I4s16s28s",
        size, b"none", version << 24 | (0x200000 if version == 4 else 0x100000), b"mntr", color_space,
        b"XYZ ", 2021, 7, 3, 12, 0, 0, b"acsp", b"APPL", 0, b"none", b"none", 0, 0, 63190, 65536, 54061,
        b"none", bytes(16), bytes(28),
    )  # fmt: skip
    return header + table + data


def _v4_text(text: str) -> bytes:
    encoded = text.encode("utf-16-be")
    return b"mluc" + struct.pack(">III2s2sII", 0, 1, 12, b"en", b"US", len(encoded), 28) + encoded


def _v2_description(text: str) -> bytes:
    plain = text.encode("ascii") + b"\0"
    return b"desc" + struct.pack(">II", 0, len(plain)) + plain + bytes(4 + 4 + 2 + 1 + 67)


def _xyz(*values: float) -> bytes:
    return b"XYZ " + struct.pack(">I3i", 0, *(round(value * 65536) for value in values))
