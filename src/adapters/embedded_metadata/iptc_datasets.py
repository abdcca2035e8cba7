"""The datasets of IPTC-IIM 4.2, by record and dataset number.

Names are those of the standard, in CamelCase without punctuation. Record 3 is the Digital Newsphoto
Parameter Record; datasets above 2:183 are in use but not in the standard.
"""

from dataclasses import dataclass
from enum import Enum, auto


class Kind(Enum):
    """The type of a dataset's bytes."""

    TEXT = auto()
    DIGITS = auto()
    """A number in decimal digits."""
    BINARY_NUMBER = auto()
    """An unsigned big-endian number."""
    OPAQUE = auto()


@dataclass(frozen=True, slots=True)
class Dataset:
    """One dataset of the standard."""

    name: str
    kind: Kind = Kind.TEXT
    repeatable: bool = False


def _repeatable(name: str) -> Dataset:
    return Dataset(name, repeatable=True)


def _number(name: str) -> Dataset:
    return Dataset(name, Kind.BINARY_NUMBER)


def _opaque(name: str) -> Dataset:
    return Dataset(name, Kind.OPAQUE)


DATASETS: dict[tuple[int, int], Dataset] = {
    (1, 0): _number("ModelVersion"),
    (1, 5): _repeatable("Destination"),
    (1, 20): _number("FileFormat"),
    (1, 22): _number("FileFormatVersion"),
    (1, 30): Dataset("ServiceIdentifier"),
    (1, 40): Dataset("EnvelopeNumber"),
    (1, 50): _repeatable("ProductID"),
    (1, 60): Dataset("EnvelopePriority", Kind.DIGITS),
    (1, 70): Dataset("DateSent"),
    (1, 80): Dataset("TimeSent"),
    (1, 90): Dataset("CodedCharacterSet"),
    (1, 100): Dataset("UNO"),
    (1, 120): _number("ARMIdentifier"),
    (1, 122): _number("ARMVersion"),
    (2, 0): _number("RecordVersion"),
    (2, 3): Dataset("ObjectTypeReference"),
    (2, 4): _repeatable("ObjectAttributeReference"),
    (2, 5): Dataset("ObjectName"),
    (2, 7): Dataset("EditStatus"),
    (2, 8): Dataset("EditorialUpdate"),
    (2, 10): Dataset("Urgency", Kind.DIGITS),
    (2, 12): _repeatable("SubjectReference"),
    (2, 15): Dataset("Category"),
    (2, 20): _repeatable("SupplementalCategory"),
    (2, 22): Dataset("FixtureIdentifier"),
    (2, 25): _repeatable("Keywords"),
    (2, 26): _repeatable("ContentLocationCode"),
    (2, 27): _repeatable("ContentLocationName"),
    (2, 30): Dataset("ReleaseDate"),
    (2, 35): Dataset("ReleaseTime"),
    (2, 37): Dataset("ExpirationDate"),
    (2, 38): Dataset("ExpirationTime"),
    (2, 40): Dataset("SpecialInstructions"),
    (2, 42): Dataset("ActionAdvised"),
    (2, 45): _repeatable("ReferenceService"),
    (2, 47): _repeatable("ReferenceDate"),
    (2, 50): _repeatable("ReferenceNumber"),
    (2, 55): Dataset("DateCreated"),
    (2, 60): Dataset("TimeCreated"),
    (2, 62): Dataset("DigitalCreationDate"),
    (2, 63): Dataset("DigitalCreationTime"),
    (2, 65): Dataset("OriginatingProgram"),
    (2, 70): Dataset("ProgramVersion"),
    (2, 75): Dataset("ObjectCycle"),
    (2, 80): _repeatable("Byline"),
    (2, 85): _repeatable("BylineTitle"),
    (2, 90): Dataset("City"),
    (2, 92): Dataset("Sublocation"),
    (2, 95): Dataset("ProvinceState"),
    (2, 100): Dataset("CountryPrimaryLocationCode"),
    (2, 101): Dataset("CountryPrimaryLocationName"),
    (2, 103): Dataset("OriginalTransmissionReference"),
    (2, 105): Dataset("Headline"),
    (2, 110): Dataset("Credit"),
    (2, 115): Dataset("Source"),
    (2, 116): Dataset("CopyrightNotice"),
    (2, 118): _repeatable("Contact"),
    (2, 120): Dataset("CaptionAbstract"),
    (2, 121): Dataset("LocalCaption"),
    (2, 122): _repeatable("WriterEditor"),
    (2, 125): _opaque("RasterizedCaption"),
    (2, 130): Dataset("ImageType"),
    (2, 131): Dataset("ImageOrientation"),
    (2, 135): Dataset("LanguageIdentifier"),
    (2, 150): Dataset("AudioType"),
    (2, 151): Dataset("AudioSamplingRate"),
    (2, 152): Dataset("AudioSamplingResolution"),
    (2, 153): Dataset("AudioDuration"),
    (2, 154): Dataset("AudioOutcue"),
    (2, 184): Dataset("JobID"),
    (2, 185): Dataset("MasterDocumentID"),
    (2, 186): Dataset("ShortDocumentID"),
    (2, 187): Dataset("UniqueDocumentID"),
    (2, 188): Dataset("OwnerID"),
    (2, 200): _number("ObjectDataPreviewFileFormat"),
    (2, 201): _number("ObjectDataPreviewFileFormatVersion"),
    (2, 202): _opaque("ObjectDataPreviewData"),
    (2, 221): Dataset("Prefs"),
    (2, 225): Dataset("ClassifyState"),
    (2, 228): Dataset("SimilarityIndex"),
    (2, 230): Dataset("DocumentNotes"),
    (2, 231): Dataset("DocumentHistory"),
    (2, 232): Dataset("ExifCameraInfo"),
    (2, 255): _repeatable("CatalogSets"),
    (3, 0): _number("NewsphotoRecordVersion"),
    (3, 10): _opaque("PictureNumber"),
    (3, 20): _number("PixelsPerLine"),
    (3, 30): _number("NumberOfLines"),
    (3, 40): _number("PixelSizeInScanningDirection"),
    (3, 50): _number("PixelSizePerpendicularToScanningDirection"),
    (3, 55): _number("SupplementType"),
    (3, 60): _number("ColourRepresentation"),
    (3, 64): _number("InterchangeColourSpace"),
    (3, 65): _number("ColourSequence"),
    (3, 66): _opaque("ICCInputColourProfile"),
    (3, 70): _opaque("ColourCalibrationMatrix"),
    (3, 80): _opaque("LookupTable"),
    (3, 84): _number("NumberOfIndexEntries"),
    (3, 85): _opaque("ColourPalette"),
    (3, 86): _number("NumberOfBitsPerSample"),
    (3, 90): _number("SamplingStructure"),
    (3, 100): _number("ScanningDirection"),
    (3, 102): _number("ImageRotation"),
    (3, 110): _number("DataCompressionMethod"),
    (3, 120): _number("QuantisationMethod"),
    (3, 125): _opaque("EndPoints"),
    (3, 130): _number("ExcursionTolerance"),
    (3, 135): _number("BitsPerComponent"),
    (3, 140): _number("MaximumDensityRange"),
    (3, 145): _number("GammaCompensatedValue"),
    (7, 10): _number("SizeMode"),
    (7, 20): _number("MaxSubfileSize"),
    (7, 90): _number("ObjectDataSizeAnnounced"),
    (7, 95): _number("MaximumObjectDataSize"),
    (8, 10): Dataset("Subfile", Kind.OPAQUE, repeatable=True),
    (9, 10): _number("ConfirmedObjectDataSize"),
}
"""All datasets that have a name."""
