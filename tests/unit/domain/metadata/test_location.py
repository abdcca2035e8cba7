"""What is left of a document without the position."""

import pytest

from domain.metadata.location import without_position
from domain.metadata.model import MetadataDocument, Tags
from tests.support.samples import metadata_document


def document(**blocks: Tags) -> MetadataDocument:
    return metadata_document().model_copy(update=blocks)


def test_the_position_goes_and_the_names_of_places_stay() -> None:
    before = document(
        summary={"latitude": 48.8, "longitude": 2.3, "altitude_m": 35, "city": "Paris", "iso": 200},
        gps={"GPSLatitude": [48, 51, 29.5]},
        iptc={"City": "Paris"},
    )

    after = without_position(before)

    assert after.summary == {"city": "Paris", "iso": 200}
    assert after.gps is None
    assert after.iptc == {"City": "Paris"}
    assert (after.image, after.exif, after.xmp) == (before.image, before.exif, None)


@pytest.mark.parametrize(
    "name",
    [
        "exif:GPSLatitude",
        "exif:GPSDestLongitude",
        "exif:GPSAltitude",
        "drone-dji:GpsLongtitude",
        "drone-dji:AbsoluteAltitude",
        "geo:lat",
        "geo:long",
        "georss:point",
        "exif:GPSMapDatum",
        "place:lng",
        "{urn:example:}pos",
        "{urn:example:}Coordinates",
        "GpsLatitude",
    ],
)
def test_positions_in_xmp_go_wherever_they_are(name: str) -> None:
    xmp: Tags = {
        name: "48,51.5N",
        "dc:title": {"x-default": "Paris"},
        "Iptc4xmpExt:LocationShown": [{name: "48,51.5N", "Iptc4xmpExt:City": "Paris"}],
    }

    assert without_position(document(xmp=xmp)).xmp == {
        "dc:title": {"x-default": "Paris"},
        "Iptc4xmpExt:LocationShown": [{"Iptc4xmpExt:City": "Paris"}],
    }


@pytest.mark.parametrize(
    "name", ["exifEX:ISOSpeedLatitudeyyy", "xmp:Label", "aux:Lens", "crs:Alternative", "gps:Label"]
)
def test_other_properties_stay(name: str) -> None:
    assert without_position(document(xmp={name: "1"})).xmp == {name: "1"}


def test_what_ties_pixels_to_the_earth_goes() -> None:
    exif: Tags = {
        "Make": "Canon",
        "ModelTiepointTag": [0, 0, 0, 2.3, 48.8, 0],
        "GeoAsciiParamsTag": "WGS 84|",
    }

    assert without_position(document(exif=exif)).exif == {"Make": "Canon"}
