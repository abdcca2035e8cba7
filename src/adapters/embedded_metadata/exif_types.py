"""The field types and directories of tags according to EXIF 3.0 (CIPA DC-008-2023).

Writers also use other types. The standard's types decide which of two values of a tag is right, and
what the bytes of a value of another type can mean.
"""

from enum import Enum, auto

from adapters.embedded_metadata.tiff_structure import (
    ASCII,
    BYTE,
    LONG,
    RATIONAL,
    SHORT,
    SRATIONAL,
    UNDEFINED,
    UTF8,
)


class Directory(Enum):
    """The directories of an EXIF block, each with its own set of tag names."""

    IMAGE = auto()
    """IFD0, with the tags of TIFF 6.0."""
    EXIF = auto()
    GPS = auto()
    INTEROPERABILITY = auto()


_TEXT = frozenset({ASCII, UTF8})
_BYTE, _SHORT, _LONG, _SIZE = (
    frozenset({BYTE}),
    frozenset({SHORT}),
    frozenset({LONG}),
    frozenset({SHORT, LONG}),
)
_RATIONAL, _SIGNED, _UNDEFINED = frozenset({RATIONAL}), frozenset({SRATIONAL}), frozenset({UNDEFINED})

_IMAGE = {
    _TEXT: """DocumentName ImageDescription Make Model PageName Software DateTime Artist HostComputer
        Copyright UniqueCameraModel CameraSerialNumber""",
    _BYTE: "XPTitle XPComment XPAuthor XPKeywords XPSubject",
    _SHORT: """BitsPerSample Compression PhotometricInterpretation Orientation SamplesPerPixel
        PlanarConfiguration ResolutionUnit TransferFunction YCbCrSubSampling YCbCrPositioning Rating
        RatingPercent""",
    _SIZE: "ImageWidth ImageLength StripOffsets RowsPerStrip StripByteCounts",
    _LONG: "JPEGInterchangeFormat JPEGInterchangeFormatLength",
    _RATIONAL: """XResolution YResolution WhitePoint PrimaryChromaticities YCbCrCoefficients
        ReferenceBlackWhite""",
}
_EXIF = {
    _TEXT: """SpectralSensitivity DateTimeOriginal DateTimeDigitized OffsetTime OffsetTimeOriginal
        OffsetTimeDigitized SubSecTime SubSecTimeOriginal SubSecTimeDigitized RelatedSoundFile ImageUniqueID
        CameraOwnerName BodySerialNumber LensMake LensModel LensSerialNumber ImageTitle Photographer
        ImageEditor CameraFirmware RAWDevelopingSoftware ImageEditingSoftware MetadataEditingSoftware""",
    _SHORT: """ExposureProgram PhotographicSensitivity SensitivityType MeteringMode LightSource Flash
        SubjectArea ColorSpace FocalPlaneResolutionUnit SubjectLocation SensingMethod CustomRendered
        ExposureMode WhiteBalance FocalLengthIn35mmFilm SceneCaptureType Contrast Saturation Sharpness
        SubjectDistanceRange CompositeImage SourceImageNumberOfCompositeImage""",
    _LONG: """StandardOutputSensitivity RecommendedExposureIndex ISOSpeed ISOSpeedLatitudeyyy
        ISOSpeedLatitudezzz""",
    _SIZE: "PixelXDimension PixelYDimension",
    _RATIONAL: """ExposureTime FNumber CompressedBitsPerPixel ApertureValue MaxApertureValue SubjectDistance
        FocalLength Humidity Pressure Acceleration FlashEnergy FocalPlaneXResolution FocalPlaneYResolution
        ExposureIndex DigitalZoomRatio GainControl LensSpecification Gamma""",
    _SIGNED: """ShutterSpeedValue BrightnessValue ExposureBiasValue Temperature WaterDepth
        CameraElevationAngle""",
    _UNDEFINED: """ExifVersion FlashpixVersion OECF ComponentsConfiguration MakerNote UserComment
        SpatialFrequencyResponse FileSource SceneType CFAPattern DeviceSettingDescription
        SourceExposureTimesOfCompositeImage""",
}
_GPS = {
    _TEXT: """GPSLatitudeRef GPSLongitudeRef GPSSatellites GPSStatus GPSMeasureMode GPSSpeedRef GPSTrackRef
        GPSImgDirectionRef GPSMapDatum GPSDestLatitudeRef GPSDestLongitudeRef GPSDestBearingRef
        GPSDestDistanceRef GPSDateStamp""",
    _BYTE: "GPSVersionID GPSAltitudeRef",
    _SHORT: "GPSDifferential",
    _RATIONAL: """GPSLatitude GPSLongitude GPSAltitude GPSTimeStamp GPSDOP GPSSpeed GPSTrack GPSImgDirection
        GPSDestLatitude GPSDestLongitude GPSDestBearing GPSDestDistance GPSHPositioningError""",
    _UNDEFINED: "GPSProcessingMethod GPSAreaInformation",
}
_INTEROPERABILITY = {
    _TEXT: "InteroperabilityIndex RelatedImageFileFormat",
    _SIZE: "RelatedImageWidth RelatedImageLength",
    _UNDEFINED: "InteroperabilityVersion",
}
_TABLES = {
    Directory.IMAGE: _IMAGE,
    Directory.EXIF: _EXIF,
    Directory.GPS: _GPS,
    Directory.INTEROPERABILITY: _INTEROPERABILITY,
}

STANDARD_TYPES: dict[str, frozenset[int]] = {
    name: types for table in _TABLES.values() for types, names in table.items() for name in names.split()
}
"""The field types allowed for a tag, by tag name."""

HOME: dict[str, Directory] = {
    name: directory
    for directory, table in _TABLES.items()
    for names in table.values()
    for name in names.split()
}
"""The directory that a tag belongs to, by tag name."""

TEXTS = frozenset(name for name, types in STANDARD_TYPES.items() if types == _TEXT)
NUMBERS = frozenset(
    name for name, types in STANDARD_TYPES.items() if not types & (_TEXT | _UNDEFINED)
) - frozenset(_IMAGE[_BYTE].split()) | {"FileSource", "SceneType"}
"""Tags that hold numbers, including two bytes that the standard calls undefined."""
SIGNED = frozenset(_EXIF[_SIGNED].split())
LETTERS = frozenset(name for name in _GPS[_TEXT].split() if name.endswith(("Ref", "Status", "Mode")))
"""Texts of a single letter."""

SUPERSEDED = frozenset({0x828E, *range(0x920B, 0x9218)} - {0x9214})
"""Tags of TIFF/EP that have the same name in EXIF but another number."""
