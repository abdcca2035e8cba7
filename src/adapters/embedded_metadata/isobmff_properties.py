"""Reads the properties of images in HEIC and AVIF (ISO/IEC 23008-12; MIAF, ISO/IEC 23000-22)."""

import struct
from fractions import Fraction

_UPRIGHT = (1, 0, 0, 1)
_ORIENTATIONS = {
    _UPRIGHT: 1,
    (-1, 0, 0, 1): 2,
    (-1, 0, 0, -1): 3,
    (1, 0, 0, -1): 4,
    (0, 1, 1, 0): 5,
    (0, -1, 1, 0): 6,
    (0, -1, -1, 0): 7,
    (0, 1, -1, 0): 8,
}
"""EXIF Orientation by the matrix (row by row, y downwards) that rotates the stored image upright."""
_CLEAN_APERTURE = struct.Struct(">IIIIiIiI")


class Geometry:
    """The size, crop, rotation and mirroring of an image, applied in the order of its properties."""

    def __init__(self, width: int, height: int) -> None:
        """Start with the dimensions of the coded image."""
        self.width = width
        """Pixels after the crop, before the rotation."""
        self.height = height
        self._matrix = _UPRIGHT

    @property
    def orientation(self) -> int:
        """The EXIF Orientation that equals the rotation and mirroring."""
        return _ORIENTATIONS[self._matrix]

    @property
    def is_on_its_side(self) -> bool:
        """Whether the rotation exchanges width and height."""
        return not self._matrix[0]

    def apply(self, kind: bytes, data: bytes) -> bool:
        """Apply a ``clap``, ``irot`` or ``imir`` property and ignore others. Returns false if invalid."""
        if kind == b"clap":
            return self._crop(data)
        if kind in {b"irot", b"imir"}:
            self._matrix = _transformed(self._matrix, kind, data)
        return True

    def _crop(self, data: bytes) -> bool:
        if len(data) < _CLEAN_APERTURE.size:
            return False
        width, width_by, height, height_by, x, x_by, y, y_by = _CLEAN_APERTURE.unpack_from(data)
        if 0 in (width_by, height_by, x_by, y_by):
            return False
        across = Fraction(width, width_by), Fraction(x, x_by)
        down = Fraction(height, height_by), Fraction(y, y_by)
        if self.is_on_its_side:
            # An earlier property has turned the image on its side.
            across, down = down, across
        cropped = _cropped(self.width, *across), _cropped(self.height, *down)
        if min(cropped) <= 0:
            return False
        self.width, self.height = cropped
        return True


def _cropped(side: int, aperture: Fraction, offset: Fraction) -> int:
    """Return the pixels of a side within an aperture whose centre is ``offset`` from the side's centre."""
    first = (offset + Fraction(side - 1, 2) - (aperture - 1) / 2).__floor__()
    last = first + (aperture - Fraction(1, 2)).__floor__()
    return min(last, side - 1) - max(first, 0) + 1


def _transformed(matrix: tuple[int, int, int, int], kind: bytes, data: bytes) -> tuple[int, int, int, int]:
    """Return the matrix followed by a rotation in anticlockwise quarter turns, or by a mirroring."""
    a, b, c, d = matrix
    value = data[0] if data else 0
    if kind == b"imir":
        # Axis 0 exchanges top and bottom, axis 1 left and right.
        return (-a, -b, c, d) if value & 1 else (a, b, -c, -d)
    for _ in range(value & 3):
        a, b, c, d = c, d, -a, -b
    return a, b, c, d


def bit_depth(kind: bytes, data: bytes) -> int | None:
    """Read the bits per sample from a ``pixi``, ``hvcC`` or ``av1C`` property."""
    if kind == b"pixi" and len(data) > 5:
        return data[5] or None
    if kind == b"hvcC" and len(data) > 17:
        return (data[17] & 7) + 8
    if kind == b"av1C" and len(data) > 2:
        high, twelve = data[2] >> 6 & 1, data[2] >> 5 & 1
        return 8 + 2 * high + 2 * (high & twelve)
    return None
