"""Writes small but valid ICC profiles (ICC.1:2001-04 for version 2, ICC.1:2010 for version 4)."""

import itertools
import struct

Color = tuple[float, float, float]

SRGB: tuple[Color, Color, Color] = (
    (0.4361, 0.2225, 0.0139), (0.3851, 0.7169, 0.0971), (0.1431, 0.0606, 0.7141)
)  # fmt: skip
"""XYZ of the red, green and blue of a colour space, adapted to the white D50."""
DISPLAY_P3: tuple[Color, Color, Color] = (
    (0.51512, 0.24120, -0.00105), (0.29198, 0.69225, 0.04189), (0.15710, 0.06657, 0.78407)
)  # fmt: skip
ADOBE_RGB: tuple[Color, Color, Color] = (
    (0.60974, 0.31111, 0.01947), (0.20528, 0.62567, 0.06087), (0.14919, 0.06322, 0.74457)
)  # fmt: skip
INKS: tuple[Color, Color, Color, Color] = (
    (0.55, -0.37, -0.50), (0.48, 0.74, -0.03), (0.89, -0.05, 0.93), (0.16, 0.0, 0.0)
)  # fmt: skip
"""L*, a* and b* of cyan, magenta, yellow and black on paper, in hundredths."""


def profile(
    description: str,
    *,
    version: int = 4,
    color_space: bytes = b"RGB ",
    primaries: tuple[Color, Color, Color] = SRGB,
    padding: int = 0,
) -> bytes:
    """A display profile with a description; ``padding`` bytes in a private tag make it larger."""
    tags = [(b"desc", _v4_text(description) if version >= 4 else _v2_description(description))]
    tags.append(
        (b"cprt", _v4_text("No rights reserved") if version >= 4 else b"text\0\0\0\0No rights reserved\0")
    )
    tags.append((b"wtpt", _xyz(0.9642, 1.0, 0.8249)))
    if color_space == b"RGB ":
        tags += [
            (name, _xyz(*color)) for name, color in zip((b"rXYZ", b"gXYZ", b"bXYZ"), primaries, strict=True)
        ]
        curve = b"curv" + struct.pack(">IIH", 0, 1, 0x0233)
        tags += [(b"rTRC", curve), (b"gTRC", curve), (b"bTRC", curve)]
    else:
        tags.append((b"kTRC", b"curv" + struct.pack(">IIH", 0, 1, 0x0233)))
    if padding:
        tags.append((b"priv", b"data" + struct.pack(">II", 0, 1) + bytes(range(256)) * (padding // 256)))
    return _file(tags, version, b"mntr", color_space, b"XYZ ")


def press_profile(description: str) -> bytes:
    """A printer's profile, of CMYK: a table of the sixteen overprints of the :data:`INKS`."""
    points = bytearray()
    for amounts in itertools.product((0, 1), repeat=4):
        color = [0.95, 0.0, 0.0]
        for amount, ink in zip(amounts, INKS, strict=True):
            if amount:
                color = [color[0] * ink[0], color[1] + ink[1], color[2] + ink[2]]
        lightness, *others = color
        points.append(round(lightness * 255))
        points += bytes(min(max(round(other * 100) + 128, 0), 255) for other in others)
    identity = struct.pack(">9i", 65536, 0, 0, 0, 65536, 0, 0, 0, 65536)
    ramp = bytes(range(256))
    table = b"mft1" + struct.pack(">I4B", 0, 4, 3, 2, 0) + identity + ramp * 4 + bytes(points) + ramp * 3
    tags = [
        (b"desc", _v2_description(description)),
        (b"cprt", b"text\0\0\0\0No rights reserved\0"),
        (b"wtpt", _xyz(0.9642, 1.0, 0.8249)),
        (b"A2B0", table),
    ]
    return _file(tags, 2, b"prtr", b"CMYK", b"Lab ")


def _file(
    tags: list[tuple[bytes, bytes]],
    version: int,
    device_class: bytes,
    color_space: bytes,
    connection: bytes,
) -> bytes:
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
        size, b"none", version << 24 | (0x200000 if version == 4 else 0x100000), device_class,
        color_space, connection, 2021, 7, 3, 12, 0, 0, b"acsp", b"APPL", 0, b"none", b"none", 0, 0, 63190,
        65536, 54061, b"none", bytes(16), bytes(28),
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
