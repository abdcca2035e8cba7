"""Which items and properties of a HEIC or AVIF belong to the photo, and how image sequences are read."""

import contextlib
import io
import struct
from typing import Literal

import pytest
from hypothesis import given
from hypothesis import strategies as st
from PIL import Image

from adapters.embedded_metadata.reader import EmbeddedMetadataReader
from adapters.imagemagick.extractor import ImageMagickMetadataExtractor
from domain.metadata.errors import ImageDimensionsExceeded, UnreadableImage
from domain.metadata.pixel_limits import PixelLimits
from domain.shared.image_format import ImageFormat
from tests.support.image_factory import heif, icc, xmp
from tests.support.image_factory.tiff_structure import Ifd, ascii_text, short, tiff_structure
from tests.support.imagemagick import identify_command
from tests.unit.adapters.embedded_metadata.test_layouts import read

FORMATS: dict[heif.Codec, ImageFormat] = {"hevc": ImageFormat.HEIC, "av1": ImageFormat.AVIF}
CODECS = pytest.mark.parametrize("codec", FORMATS)
XMP_TYPE = b"application/rdf+xml\0"


def packet(city: str) -> bytes:
    return xmp.packet([xmp.simple("photoshop:City", city)])


def exif(model: str, orientation: int = 1) -> bytes:
    return bytes(4) + tiff_structure(Ifd({0x0110: ascii_text(model), 0x0112: short(orientation)}))


def describing(*numbers: int) -> tuple[tuple[bytes, tuple[int, ...]], ...]:
    return ((b"cdsc", numbers),)


class Photo:
    """Builds a file whose item 1 is a coded picture; properties are numbered in order."""

    def __init__(self, codec: heif.Codec) -> None:
        self.codec = codec
        self.format = FORMATS[codec]
        configuration, self.picture = heif.coded_picture(codec)
        self.kind = b"hvc1" if codec == "hevc" else b"av01"
        self.properties = [configuration, heif.dimensions(96, 64)]
        self.items: list[heif.Item] = []

    def property(self, box: bytes) -> int:
        self.properties.append(box)
        return len(self.properties)

    def add(
        self,
        kind: bytes | None = None,
        data: bytes | None = None,
        *,
        properties: tuple[int, ...] = (),
        references: tuple[tuple[bytes, tuple[int, ...]], ...] = (),
        content_type: bytes = b"",
    ) -> int:
        item = heif.Item(
            kind or self.kind,
            self.picture if data is None else data,
            content_type,
            properties=properties if kind else (1, 2, *properties),
            references=references,
        )
        self.items.append(item)
        return len(self.items)

    def grid(self, tiles: tuple[int, ...], *properties: int) -> int:
        return self.derived(b"grid", tiles, *properties)

    def derived(self, kind: bytes, origins: tuple[int, ...], *properties: int) -> int:
        data = struct.pack(">BBBBHH", 0, 0, 0, 0, 96, 64)
        return self.add(kind, data, properties=properties, references=((b"dimg", origins),))

    def write(self, primary: int = 1) -> bytes:
        return heif.isobmff_file(heif.brands(self.codec), self.items, self.properties, primary=primary)


@CODECS
@pytest.mark.parametrize("exif_orientation", range(1, 9))
@pytest.mark.parametrize(
    ("transformation", "orientation"), [(None, 1), (b"irot\1", 8), (b"irot\3", 6), (b"imir\1", 2)]
)
def test_the_orientation_only_comes_from_the_properties(
    codec: heif.Codec, exif_orientation: int, transformation: bytes | None, orientation: int
) -> None:
    photo = Photo(codec)
    turned = photo.property(heif.box(transformation[:4], transformation[4:])) if transformation else 0
    photo.add(properties=(turned,) if turned else ())
    photo.add(b"Exif", exif("Model", exif_orientation), references=describing(1))

    found = read(photo.write(), photo.format)

    assert found.orientation == orientation
    assert found.exif["Orientation"] == exif_orientation


@CODECS
@pytest.mark.parametrize("photo_s_comes_last", [True, False])
def test_metadata_is_that_of_the_primary_item(codec: heif.Codec, *, photo_s_comes_last: bool) -> None:
    photo = Photo(codec)
    photo.add()
    other = photo.add()
    for number, name in ((other, "other"), (1, "photo"))[:: 1 if photo_s_comes_last else -1]:
        photo.add(b"mime", packet(name), content_type=XMP_TYPE, references=describing(number))
        photo.add(b"Exif", exif(name), references=describing(number))

    found = read(photo.write(), photo.format)

    assert (found.xmp, found.exif["Model"]) == ({"photoshop:City": "photo"}, "photo")


@CODECS
def test_metadata_of_another_image_is_ignored(codec: heif.Codec) -> None:
    photo = Photo(codec)
    photo.add()
    other = photo.add()
    photo.add(b"mime", packet("other"), content_type=XMP_TYPE, references=describing(other))
    photo.add(b"Exif", exif("other"), references=describing(other))

    found = read(photo.write(), photo.format)

    assert (found.xmp, found.exif, found.warnings) == ({}, {}, ())


@CODECS
def test_metadata_may_describe_several_images(codec: heif.Codec) -> None:
    photo = Photo(codec)
    photo.add()
    other = photo.add()
    photo.add(b"mime", packet("both"), content_type=XMP_TYPE, references=describing(other, 1))

    assert read(photo.write(), photo.format).xmp == {"photoshop:City": "both"}


@CODECS
def test_metadata_that_describes_nothing_is_the_photo_s_unless_other_does(codec: heif.Codec) -> None:
    photo = Photo(codec)
    photo.add()
    other = photo.add()
    photo.add(b"mime", packet("other"), content_type=XMP_TYPE, references=describing(other))
    photo.add(b"mime", packet("nobody"), content_type=XMP_TYPE)
    assert read(photo.write(), photo.format).xmp == {"photoshop:City": "nobody"}

    photo.add(b"mime", packet("photo"), content_type=XMP_TYPE, references=describing(1))
    assert read(photo.write(), photo.format).xmp == {"photoshop:City": "photo"}


def test_references_may_have_32_bits() -> None:
    photo = Photo("hevc")
    photo.add()
    other = photo.add()
    photo.add(b"Exif", exif("other"), references=describing(other))
    photo.add(b"Exif", exif("photo"), references=describing(1))
    narrow = photo.write()
    at = narrow.index(b"iref") - 4
    size = int.from_bytes(narrow[at : at + 4], "big")
    wide = b"".join(
        heif.box(kind, struct.pack(">IHI", *struct.unpack(">HHH", data)))
        for kind, data in heif.children(narrow[at + 12 : at + size])
    )
    replaced = heif.full_box(b"iref", wide, version=1)
    content = bytearray(narrow[:at] + replaced + narrow[at + size :])
    grown = len(replaced) - size
    meta = content.index(b"meta") - 4
    struct.pack_into(">I", content, meta, int.from_bytes(content[meta : meta + 4], "big") + grown)
    entries = content.index(b"iloc") + 12
    for number in range(4):
        offset = entries + 16 * number + 8
        struct.pack_into(">I", content, offset, int.from_bytes(content[offset : offset + 4], "big") + grown)

    assert read(narrow, photo.format).exif["Model"] == "photo"
    assert read(bytes(content), photo.format).exif["Model"] == "photo"


@CODECS
@pytest.mark.parametrize(
    "content_type", [b"application/rdf+xml; charset=utf-8\0", b"Application/RDF+XML\0"]
)
def test_a_media_type_may_have_parameters_and_capitals(codec: heif.Codec, content_type: bytes) -> None:
    photo = Photo(codec)
    photo.add()
    photo.add(b"mime", packet("Bern"), content_type=content_type)

    assert read(photo.write(), photo.format).xmp == {"photoshop:City": "Bern"}


@CODECS
@pytest.mark.parametrize("kind", [b"iden", b"tmap"])
def test_a_stand_in_has_the_metadata_of_its_picture_but_of_no_gain_map(
    codec: heif.Codec, kind: bytes
) -> None:
    photo = Photo(codec)
    photo.add()
    gain_map = photo.add()
    stand_in = photo.derived(kind, (1, gain_map), 2)
    photo.add(b"mime", packet("gain map"), content_type=XMP_TYPE, references=describing(gain_map))
    photo.add(b"mime", packet("photo"), content_type=XMP_TYPE, references=describing(1))
    photo.add(b"Exif", exif("shown"), references=describing(stand_in))

    for primary in (1, stand_in):
        found = read(photo.write(primary), photo.format)
        assert (found.xmp, found.exif["Model"]) == ({"photoshop:City": "photo"}, "shown")


def colour(description: str) -> bytes:
    return heif.box(b"colr", b"prof" + icc.profile(description))


@CODECS
@pytest.mark.parametrize("kind", [b"grid", b"iovl", b"iden", b"tmap"])
def test_a_derived_image_without_colour_information_has_that_of_its_origins(
    codec: heif.Codec, kind: bytes
) -> None:
    photo = Photo(codec)
    of_tiles = photo.property(colour("tiles"))
    tiles = (photo.add(properties=(of_tiles,)), photo.add(properties=(of_tiles,)))
    unrelated = photo.add(properties=(photo.property(colour("unrelated")),))
    inner = photo.derived(kind, tiles, 2)
    outer = photo.derived(b"iden", (inner,), 2)

    assert unrelated
    for primary in (inner, outer):
        assert read(photo.write(primary), photo.format).icc["description"] == "tiles"


@CODECS
@pytest.mark.parametrize("own", ["profile", "nclx"])
def test_a_derived_image_s_own_colour_information_counts(codec: heif.Codec, own: str) -> None:
    photo = Photo(codec)
    tile = photo.add(properties=(photo.property(colour("tiles")),))
    nclx = heif.box(b"colr", b"nclx" + bytes(7))
    grid = photo.grid((tile,), 2, photo.property(colour("grid") if own == "profile" else nclx))

    assert read(photo.write(grid), photo.format).icc.get("description") == (
        "grid" if own == "profile" else None
    )


@CODECS
def test_a_derived_image_has_the_bit_depth_of_its_origins(codec: heif.Codec) -> None:
    photo = Photo(codec)
    photo.properties[0] = heif.full_box(b"pixi", bytes((1, 8)))
    ten = photo.property(heif.full_box(b"pixi", bytes((3, 10, 10, 10))))
    tile = photo.add(b"hvc1", b"tile", properties=(ten, 2))
    grid = photo.grid((tile,), 2)

    assert read(photo.write(grid), photo.format).bit_depth == 10


@CODECS
def test_a_stand_in_without_dimensions_has_those_of_its_picture_as_displayed(codec: heif.Codec) -> None:
    photo = Photo(codec)
    photo.add(properties=(photo.property(heif.box(b"irot", b"\1")),))
    identity = photo.derived(b"iden", (1,))

    found = read(photo.write(identity), photo.format)

    assert (found.width, found.height, found.orientation) == (64, 96, 1)


@CODECS
@pytest.mark.parametrize("origin", [1, 2, 3])
def test_images_that_are_derived_in_a_circle_end(codec: heif.Codec, origin: int) -> None:
    photo = Photo(codec)
    photo.derived(b"iden", (2,))
    photo.derived(b"iden", (origin,))

    with pytest.raises(UnreadableImage, match="no dimensions"):
        read(photo.write(), photo.format)


def aperture(width: int, height: int, x: int = 0, y: int = 0, *, by: int = 1, offset_by: int = 1) -> bytes:
    return heif.box(
        b"clap", struct.pack(">IIIIiIiI", width * by, by, height * by, by, x, offset_by, y, offset_by)
    )


@CODECS
@given(width=st.integers(1, 96), height=st.integers(1, 64), by=st.integers(1, 1000))
def test_a_clean_aperture_gives_the_displayed_size(
    codec: heif.Codec, width: int, height: int, by: int
) -> None:
    photo = Photo(codec)
    photo.add(properties=(photo.property(aperture(width, height, by=by)),))

    found = read(photo.write(), photo.format)

    assert (found.width, found.height, found.warnings) == (width, height, ())


@CODECS
@pytest.mark.parametrize(("first", "expected"), [("clap", (60, 40)), ("irot", (40, 60))])
def test_a_crop_and_a_rotation_apply_in_their_order(
    codec: heif.Codec, first: Literal["clap", "irot"], expected: tuple[int, int]
) -> None:
    photo = Photo(codec)
    crop, turn = photo.property(aperture(60, 40)), photo.property(heif.box(b"irot", b"\1"))
    photo.add(properties=(crop, turn) if first == "clap" else (turn, crop))

    found = read(photo.write(), photo.format)

    assert (found.width, found.height, found.orientation) == (*expected, 8)


@CODECS
@pytest.mark.parametrize(
    ("box", "size"),
    [
        (aperture(60, 40, 18, 12), (60, 40)),
        (aperture(60, 40, 28, 0), (50, 40)),
        (aperture(61, 41, 1, 1, offset_by=2), (61, 41)),
        (aperture(960, 640), (96, 64)),
        (aperture(60, 40, 960), None),
        (aperture(0, 40), None),
        (aperture(60, 40, by=0), None),
        (heif.box(b"clap", b"short"), None),
    ],
)
def test_a_crop_stays_within_the_picture_or_is_none(
    codec: heif.Codec, box: bytes, size: tuple[int, int] | None
) -> None:
    photo = Photo(codec)
    photo.add(properties=(photo.property(box),))

    found = read(photo.write(), photo.format)

    assert (found.width, found.height) == (size or (96, 64))
    assert found.warnings == (() if size else (f"{photo.format.name}: an invalid crop was left out.",))


def test_a_crop_makes_no_picture_of_a_forbidden_size_allowed() -> None:
    photo = Photo("hevc")
    photo.properties[1] = heif.dimensions(60_000, 60_000)
    photo.add(properties=(photo.property(aperture(60, 40)),))
    extractor = ImageMagickMetadataExtractor(identify_command())

    with pytest.raises(ImageDimensionsExceeded, match="60000 x 60000"):
        extractor.extract(io.BytesIO(photo.write()), ImageFormat.HEIC)


def sequence(frames: int = 4) -> bytes:
    """Create an AVIF sequence as libavif writes it: its first picture is also a still image."""
    images = [Image.new("RGB", (96, 64), (60 * number, 20, 200)) for number in range(frames)]
    output = io.BytesIO()
    images[0].save(output, "AVIF", save_all=True, append_images=images[1:], duration=100)
    return output.getvalue()


@CODECS
def test_a_sequence_of_either_coding_is_read(codec: heif.Codec) -> None:
    content = heif.image_sequence(codec, frames=3, icc=icc.profile("Factory RGB"))
    extractor = ImageMagickMetadataExtractor(identify_command(), pixel_limits=PixelLimits(10_000, 100))

    extracted = extractor.extract(io.BytesIO(content), FORMATS[codec])

    assert (extracted.width, extracted.height, extracted.frames) == (96, 64, 3)
    assert (extracted.bit_depth, extracted.icc["description"]) == (8, "Factory RGB")
    with pytest.raises(UnreadableImage, match="incomplete"):
        extractor.extract(io.BytesIO(content[:-1000]), FORMATS[codec])


def renamed(content: bytes, kind: bytes) -> bytes:
    """Replace the boxes of a kind with boxes of an unknown kind."""
    return content.replace(kind, b"free", 1)


@pytest.mark.parametrize("missing", [b"meta", b"pitm"])
def test_a_sequence_without_a_still_image_is_read(missing: bytes) -> None:
    content = renamed(sequence(), missing)

    found = read(content, ImageFormat.AVIF)
    assert (found.width, found.height, found.frames) == (96, 64, 4)
    assert (found.bit_depth, found.orientation) == (8, 1)

    extractor = ImageMagickMetadataExtractor(identify_command(), pixel_limits=PixelLimits(10_000, 100))
    extracted = extractor.extract(io.BytesIO(content), ImageFormat.AVIF)
    assert (extracted.width, extracted.height, extracted.frames) == (96, 64, 4)


def test_a_decoder_only_gets_the_first_picture_of_a_sequence() -> None:
    layout, _, _ = EmbeddedMetadataReader().read_structure(
        io.BytesIO(renamed(sequence(), b"meta")), ImageFormat.AVIF
    )

    assert layout.excerpt is not None
    content = b"".join(
        piece if isinstance(piece, bytes) else sequence()[piece.start : piece.stop]
        for piece in layout.excerpt
    )
    with Image.open(io.BytesIO(content)) as still:
        assert (still.size, getattr(still, "n_frames", 1)) == ((96, 64), 1)
        assert still.convert("RGB").getpixel((50, 30)) == pytest.approx((0, 20, 200), abs=8)


@pytest.mark.parametrize(
    ("matrix", "orientation"),
    [
        ((1, 0, 0, 1), 1),
        ((-1, 0, 0, 1), 2),
        ((-1, 0, 0, -1), 3),
        ((1, 0, 0, -1), 4),
        ((0, 1, 1, 0), 5),
        ((0, 1, -1, 0), 6),
        ((0, -1, -1, 0), 7),
        ((0, -1, 1, 0), 8),
        ((0, 0, 0, 0), 1),
    ],
)
def test_a_sequence_is_turned_by_its_track_s_matrix(
    matrix: tuple[int, int, int, int], orientation: int
) -> None:
    content = bytearray(renamed(sequence(), b"meta"))
    at = content.index(b"tkhd") + 4
    a, b, c, d = (number << 16 for number in matrix)
    struct.pack_into(">iiiii", content, at + (52 if content[at] else 40), a, b, 0, c, d)

    assert read(bytes(content), ImageFormat.AVIF).orientation == orientation


@pytest.mark.parametrize(
    "box", [b"moov", b"trak", b"mdia", b"hdlr", b"stsd", b"av01", b"av1C", b"stsz", b"stco"]
)
def test_a_sequence_without_a_picture_is_refused(box: bytes) -> None:
    content = renamed(sequence(), b"meta")
    assert box in content

    with pytest.raises(UnreadableImage, match="no meta box"):
        read(content.replace(box, b"free"), ImageFormat.AVIF)


@given(st.data())
def test_a_damaged_sequence_is_read_or_refused(data: st.DataObject) -> None:
    content = bytearray(DAMAGED)
    for _ in range(data.draw(st.integers(1, 4))):
        content[data.draw(st.integers(0, len(content) - 1))] = data.draw(st.integers(0, 255))
    with contextlib.suppress(UnreadableImage):
        read(bytes(content), ImageFormat.AVIF)


DAMAGED = renamed(sequence(2), b"meta")
