"""The allowed image formats, recognised by their first bytes.

The bytes of an upload decide its format, never its file name or a declared media type.
"""

from enum import StrEnum

SNIFF_LENGTH = 64
"""How many leading bytes :func:`sniff_format` needs."""

_AVIF_BRANDS = frozenset({b"avif", b"avis"})
_HEIC_BRANDS = frozenset({b"heic", b"heix", b"heim", b"heis", b"hevc", b"hevx", b"hevm", b"hevs"})
_HEIF_BRANDS = frozenset({b"mif1", b"mif2", b"msf1"})


class ImageFormat(StrEnum):
    """An allowed format; the value is its name in the API, in metadata and in storage."""

    JPEG = "jpeg"
    PNG = "png"
    GIF = "gif"
    WEBP = "webp"
    TIFF = "tiff"
    HEIC = "heic"
    AVIF = "avif"

    @property
    def media_type(self) -> str:
        """The media type that IANA has registered for this format."""
        return f"image/{self.value}"

    @property
    def extension(self) -> str:
        """The file name extension used in storage, without the dot."""
        return {"jpeg": "jpg", "tiff": "tif"}.get(self.value, self.value)

    @property
    def extensions(self) -> frozenset[str]:
        """All usual file name extensions of this format, in lower case, without the dot."""
        return _EXTENSIONS.get(self.value, frozenset()) | {self.extension}

    @classmethod
    def from_extension(cls, extension: str) -> "ImageFormat | None":
        """Return the format with this :attr:`extension`, if any."""
        return _BY_EXTENSION.get(extension)

    @classmethod
    def from_media_type(cls, media_type: str) -> "ImageFormat | None":
        """Return the format of a media type or alias, ignoring letter case and parameters."""
        name = media_type.partition(";")[0].strip().lower()
        return _BY_MEDIA_TYPE.get(_MEDIA_TYPE_ALIASES.get(name, name))


_BY_EXTENSION = {image_format.extension: image_format for image_format in ImageFormat}
_BY_MEDIA_TYPE = {image_format.media_type: image_format for image_format in ImageFormat}
_MEDIA_TYPE_ALIASES = {
    "image/jpg": "image/jpeg",
    "image/pjpeg": "image/jpeg",
    "image/x-jpeg": "image/jpeg",
    "image/x-jpg": "image/jpeg",
    "image/x-png": "image/png",
    "image/apng": "image/png",
    "image/vnd.mozilla.apng": "image/png",
    "image/x-gif": "image/gif",
    "image/x-webp": "image/webp",
    "image/heif": "image/heic",
    "image/heic-sequence": "image/heic",
    "image/heif-sequence": "image/heic",
    "image/avif-sequence": "image/avif",
    "image/tif": "image/tiff",
    "image/x-tif": "image/tiff",
    "image/x-tiff": "image/tiff",
}
_EXTENSIONS = {
    "jpeg": frozenset({"jpeg", "jpe", "jfif", "pjpeg", "jfi"}),
    "png": frozenset({"apng"}),
    "tiff": frozenset({"tiff", "btf", "tf8", "dng", "nef", "cr2", "arw", "pef", "srw", "nrw", "3fr"}),
    "heic": frozenset({"heif", "hif", "heics", "heifs"}),
    "avif": frozenset({"avifs"}),
}
"""Extensions other than the one used in storage; for TIFF also those of raw files that are TIFFs."""


def sniff_format(header: bytes) -> ImageFormat | None:
    """Return the allowed format whose signature ``header`` starts with, or ``None``.

    ``header`` is the first :data:`SNIFF_LENGTH` bytes, or all of a shorter file. Signatures:
    JPEG SOI + marker (ITU-T T.81), PNG (W3C), GIF87a/GIF89a, RIFF/WEBP, TIFF 6.0 and BigTIFF in both
    byte orders, and the brands of an ISO base media file's ``ftyp`` box for HEIC and AVIF.
    """
    if header.startswith(b"\xff\xd8\xff"):
        return ImageFormat.JPEG
    if header.startswith(b"\x89PNG\r\n\x1a\n"):
        return ImageFormat.PNG
    if header.startswith((b"GIF87a", b"GIF89a")):
        return ImageFormat.GIF
    if header.startswith(b"RIFF") and header[8:12] == b"WEBP":
        return ImageFormat.WEBP
    if header.startswith((b"II*\0", b"MM\0*", b"II+\0\x08\0\0\0", b"MM\0+\0\x08\0\0")):
        return ImageFormat.TIFF
    if header[4:8] == b"ftyp":
        return _sniff_isobmff(header)
    return None


def _sniff_isobmff(header: bytes) -> ImageFormat | None:
    box_end = min(int.from_bytes(header[:4], "big"), len(header))
    major = header[8:12]
    compatible = [header[at : at + 4] for at in range(16, box_end - 3, 4)]
    if major in _AVIF_BRANDS:
        return ImageFormat.AVIF
    if major in _HEIC_BRANDS:
        return ImageFormat.HEIC
    if major in _HEIF_BRANDS:
        # A structural brand does not name the codec; the compatible brands do.
        if not _AVIF_BRANDS.isdisjoint(compatible):
            return ImageFormat.AVIF
        if not _HEIC_BRANDS.isdisjoint(compatible):
            return ImageFormat.HEIC
    return None
