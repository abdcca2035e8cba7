"""What renditions that a real ImageMagick makes show, and what they do not contain."""

import io
import struct
import zlib
from collections.abc import Callable

import pytest
from PIL import Image

from adapters.imagemagick.renderer import ImageMagickRenderer
from domain.renditions.model import RenditionSpec
from domain.shared.image_format import ImageFormat
from tests.support.image_factory import Photo, heif, icc, jpeg, photos, pixels, png
from tests.support.image_factory.blocks import Blocks
from tests.support.image_factory.catalogue import complete
from tests.support.image_factory.tiff_structure import Ifd, short
from tests.support.imagemagick import convert_command, major_version
from tests.support.pictures import (
    CORNERS,
    METADATA_WORDS,
    RED,
    SPECTRUM,
    TOLERANCE,
    Color,
    assert_alike,
    chunks,
    encoded,
    in_srgb,
    patches,
    quarters,
    turned,
)

ISO_TRANSFORMATIONS: dict[int, tuple[tuple[bytes, int], ...]] = {
    1: (),
    2: ((b"imir", 1),),
    3: ((b"irot", 2),),
    4: ((b"imir", 0),),
    5: ((b"irot", 1), (b"imir", 0)),
    6: ((b"irot", 3),),
    7: ((b"irot", 3), (b"imir", 0)),
    8: ((b"irot", 1),),
}


def rendered(content: bytes, image_format: ImageFormat, side_px: int = 4096) -> Image.Image:
    """The picture of the rendition with sides of at most ``side_px``."""
    return Image.open(io.BytesIO(rendition(content, image_format, side_px)))


def rendition(content: bytes, image_format: ImageFormat, side_px: int = 4096) -> bytes:
    renderer = ImageMagickRenderer(convert_command())
    with renderer.render(io.BytesIO(content), image_format, [RenditionSpec("only", side_px)]) as made:
        (only,) = made
    assert Image.open(io.BytesIO(only.content)).size == (only.width, only.height)
    return only.content


def with_orientation(orientation: int) -> Image.Exif:
    exif = Image.Exif()
    exif[0x0112] = orientation
    return exif


@pytest.mark.parametrize("orientation", range(1, 9))
@pytest.mark.parametrize(
    ("encoder", "options"),
    [
        ("JPEG", {"quality": 100, "subsampling": 0}),
        ("PNG", {}),
        ("WEBP", {"lossless": True}),
        ("TIFF", {}),
        ("TIFF", {"compression": "jpeg"}),
    ],
)
def test_a_picture_is_turned_as_its_exif_orientation_says(
    encoder: str, options: dict[str, object], orientation: int
) -> None:
    content = encoded(quarters(), encoder, exif=with_orientation(orientation), **options)

    assert_alike(rendered(content, ImageFormat(encoder.lower())), turned(quarters(), orientation))


@pytest.mark.parametrize("orientation", range(1, 9))
@pytest.mark.parametrize(("codec", "image_format"), [("hevc", ImageFormat.HEIC), ("av1", ImageFormat.AVIF)])
def test_a_heic_or_avif_is_rotated_once_by_its_own_properties_and_not_by_exif(
    codec: heif.Codec, image_format: ImageFormat, orientation: int
) -> None:
    blocks = Blocks(exif=Ifd({0x0112: short(6)}))
    content = heif.heif(blocks, codec, transformations=ISO_TRANSFORMATIONS[orientation])

    assert_alike(rendered(content, image_format), turned(pixels.image(), orientation), tolerance=16)


def test_a_phones_heic_is_put_together_from_its_tiles_and_turned_once() -> None:
    upright = heif.phone_heic(Blocks(), 2, 1, width=1000, height=500)
    on_its_side = heif.phone_heic(
        Blocks(exif=Ifd({0x0112: short(6)})), 2, 1, width=1000, height=500, quarter_turns=3
    )

    expected = rendered(upright, ImageFormat.HEIC).transpose(Image.Transpose.ROTATE_270)
    assert expected.size == (500, 1000)
    assert_alike(rendered(on_its_side, ImageFormat.HEIC), expected)


def commented(sample: Photo) -> bytes:
    """The photo with a comment, where its format knows any, and with a thumbnail of its own."""
    content = sample.content
    if sample.format == "jpeg":
        return content[:2] + b"\xff\xfe\x00\x0ethe comment\0" + content[2:]
    if sample.format == "png":
        end = len(png.SIGNATURE) + 25
        return content[:end] + png.chunk(b"tEXt", b"Comment\0the comment") + content[end:]
    if sample.format == "gif":
        return content[:-1] + b"\x21\xfe\x0bthe comment\0\x3b"
    return content


@pytest.mark.parametrize("sample", photos(), ids=lambda sample: sample.name)
def test_nothing_of_the_metadata_is_left(sample: Photo) -> None:
    made = rendition(commented(sample), ImageFormat(sample.format))

    assert set(chunks(made)) <= {b"VP8X", b"VP8 ", b"VP8L", b"ALPH"}
    assert [word for word in METADATA_WORDS if word in made] == []
    picture = Image.open(io.BytesIO(made))
    assert not {"exif", "xmp", "icc_profile"} & set(picture.info)


def test_the_words_that_are_looked_for_are_in_the_originals() -> None:
    originals = b"".join(commented(sample) for sample in photos())

    assert [word for word in METADATA_WORDS if word not in originals] == []


@pytest.mark.parametrize("name", ["Display P3", "Adobe RGB"])
@pytest.mark.parametrize(
    ("encoder", "options"),
    [
        ("JPEG", {"quality": 100, "subsampling": 0}),
        ("PNG", {}),
        ("WEBP", {"lossless": True}),
        ("TIFF", {}),
        ("AVIF", {"quality": 100, "subsampling": "4:4:4"}),
    ],
)
def test_colours_are_converted_from_the_profile_of_the_file(
    encoder: str, options: dict[str, object], name: str
) -> None:
    primaries = icc.DISPLAY_P3 if name == "Display P3" else icc.ADOBE_RGB
    profile = icc.profile(name, primaries=primaries)
    expected = in_srgb(patches(), profile)
    content = encoded(patches(), encoder, icc_profile=profile, **options)

    assert_alike(rendered(content, ImageFormat(encoder.lower())), expected)
    assert expected.getpixel((10, 10)) != pytest.approx(SPECTRUM[0], abs=2 * TOLERANCE)


def test_the_colours_of_a_heic_are_converted_from_its_profile() -> None:
    profile = icc.profile("Adobe RGB", primaries=icc.ADOBE_RGB)

    converted = rendered(heif.heif(Blocks(icc=profile), "hevc"), ImageFormat.HEIC)

    assert_alike(converted, in_srgb(pixels.image(), profile), tolerance=16)


@pytest.mark.parametrize(("encoder", "options"), [("JPEG", {"quality": 100}), ("TIFF", {})])
def test_the_inks_of_a_press_become_the_colours_that_they_print(
    encoder: str, options: dict[str, object]
) -> None:
    profile = icc.press_profile("Press")
    content = encoded(patches("CMYK"), encoder, icc_profile=profile, **options)

    assert_alike(
        rendered(content, ImageFormat(encoder.lower())), in_srgb(patches("CMYK"), profile), tolerance=8
    )


@pytest.mark.parametrize(("encoder", "options"), [("JPEG", {"quality": 100}), ("TIFF", {})])
def test_inks_without_a_profile_become_the_colours_that_their_amounts_suggest(
    encoder: str, options: dict[str, object]
) -> None:
    content = encoded(patches("CMYK"), encoder, **options)

    assert_alike(
        rendered(content, ImageFormat(encoder.lower())), patches("CMYK").convert("RGB"), tolerance=8
    )


def test_the_greys_of_a_grey_profile_are_converted() -> None:
    grey = Image.linear_gradient("L").resize((96, 64))
    profile = icc.profile("Grey", color_space=b"GRAY")

    made = rendered(encoded(grey, "PNG", icc_profile=profile), ImageFormat.PNG)

    assert_alike(made, in_srgb(grey, profile))


@pytest.mark.parametrize("encoder", ["JPEG", "PNG", "WEBP", "TIFF", "AVIF"])
@pytest.mark.parametrize("damage", ["of another colour space", "cut off", "no profile"])
def test_a_profile_that_does_not_fit_does_no_harm(encoder: str, damage: str) -> None:
    profile = icc.profile("Damaged", primaries=icc.ADOBE_RGB)
    damaged = {
        "of another colour space": icc.profile("Grey", color_space=b"GRAY"),
        "cut off": profile[:200] + b"\xff" * (len(profile) - 200),
        "no profile": b"no profile" * 40,
    }[damage]
    content = encoded(patches(), encoder, icc_profile=damaged)

    assert_alike(rendered(content, ImageFormat(encoder.lower())), patches(), tolerance=16)


@pytest.mark.parametrize(
    ("encoder", "options"),
    [
        ("PNG", {}),
        ("WEBP", {"lossless": True}),
        ("TIFF", {}),
        ("AVIF", {"quality": 100}),
    ],
)
@pytest.mark.parametrize("side_px", [4096, 48])
def test_transparency_is_kept(encoder: str, options: dict[str, object], side_px: int) -> None:
    if encoder == "AVIF" and major_version() == 6:
        pytest.skip("ImageMagick 6 decodes HEIC and AVIF without their transparency")
    image = quarters().convert("RGBA")
    for opacity, (right, lower) in zip((255, 128, 0, 64), CORNERS.values(), strict=True):
        alpha = image.getchannel("A")
        alpha.paste(opacity, (48 * right, 32 * lower, 48 * right + 48, 32 * lower + 32))
        image.putalpha(alpha)

    made = rendered(encoded(image, encoder, **options), ImageFormat(encoder.lower()), side_px)

    assert made.mode == "RGBA"
    width, height = made.size
    for opacity, (right, lower) in zip((255, 128, 0, 64), CORNERS.values(), strict=True):
        *_, actual = made.getpixel((width * (1 + 2 * right) // 4, height * (1 + 2 * lower) // 4))
        assert actual == pytest.approx(opacity, abs=3)
    assert made.getpixel((width // 4, height // 4))[:3] == pytest.approx(RED, abs=TOLERANCE)


@pytest.mark.parametrize(
    ("encoder", "options"), [("GIF", {}), ("PNG", {}), ("WEBP", {"lossless": True}), ("TIFF", {})]
)
def test_of_several_frames_the_first_is_shown(encoder: str, options: dict[str, object]) -> None:
    others = [Image.new("RGB", (96, 64), "black"), Image.new("RGB", (96, 64), "yellow")]
    content = encoded(quarters(), encoder, save_all=True, append_images=others, **options)

    assert_alike(rendered(content, ImageFormat(encoder.lower())), quarters())


def test_a_first_frame_that_does_not_fill_the_canvas_keeps_its_place() -> None:
    content = bytearray(encoded(Image.new("P", (40, 20), 1).convert("RGB"), "GIF"))
    struct.pack_into("<HH", content, 6, 96, 64)
    struct.pack_into("<HH", content, content.index(b"\x2c") + 1, 50, 40)

    made = rendered(bytes(content), ImageFormat.GIF)

    assert made.size == (96, 64)
    assert made.convert("RGBA").getpixel((10, 10))[3] == 0
    assert made.convert("RGBA").getpixel((70, 50))[3] == 255


def sixteen_bit(color_type: int, samples: Callable[[Color], Color]) -> bytes:
    """A PNG of 16 bits a sample."""
    rows = b""
    for y in range(64):
        row = b"".join(
            struct.pack(f">{len(values)}H", *(value * 257 for value in values))
            for x in range(96)
            for values in [samples(SPECTRUM[(x >= 48) + 2 * (y >= 32)])]
        )
        rows += b"\0" + row
    header = struct.pack(">IIBBBBB", 96, 64, 16, color_type, 0, 0, 0)
    return (
        png.SIGNATURE
        + png.chunk(b"IHDR", header)
        + png.chunk(b"IDAT", zlib.compress(rows))
        + png.chunk(b"IEND", b"")
    )


def test_sixteen_bits_become_eight() -> None:
    assert_alike(rendered(sixteen_bit(2, lambda color: color), ImageFormat.PNG), patches())
    assert_alike(
        rendered(sixteen_bit(0, lambda color: color[:1]), ImageFormat.PNG),
        Image.merge("RGB", [patches().getchannel("R")] * 3),
    )
    with_alpha = rendered(sixteen_bit(6, lambda color: (*color, 128)), ImageFormat.PNG)
    assert_alike(with_alpha, Image.merge("RGBA", [*patches().split(), Image.new("L", (96, 64), 128)]))


@pytest.mark.parametrize("mode", ["1", "L", "LA", "P", "I;16"])
@pytest.mark.parametrize("encoder", ["PNG", "TIFF"])
def test_every_kind_of_sample_is_shown(encoder: str, mode: str) -> None:
    grey = Image.new("L", (96, 64), 255)
    grey.paste(0, (48, 0, 96, 32))
    image = {
        "1": grey.convert("1"),
        "L": grey,
        "LA": Image.merge("LA", (grey, Image.new("L", (96, 64), 255))),
        "P": grey.convert("RGB").quantize(4),
        "I;16": Image.frombytes("I;16", (96, 64), b"".join(bytes([value]) * 2 for value in grey.tobytes())),
    }[mode]

    assert_alike(rendered(encoded(image, encoder), ImageFormat(encoder.lower())), grey.convert("RGB"))


def test_a_large_jpeg_is_decoded_at_a_fraction_of_its_size_and_looks_the_same() -> None:
    content = encoded(quarters(1200, 800), "JPEG", quality=95)

    for side_px in (64, 149, 151, 400, 601):
        made = rendered(content, ImageFormat.JPEG, side_px)
        assert_alike(made, quarters(*RenditionSpec("x", side_px).fit(1200, 800)), tolerance=10)


@pytest.mark.parametrize(("width", "height"), [(65_500, 1), (1, 65_500), (20_000, 3)])
def test_a_thin_picture_keeps_at_least_one_pixel(width: int, height: int) -> None:
    content = encoded(Image.new("RGB", (width, height), RED), "JPEG")

    made = rendered(content, ImageFormat.JPEG, 320)

    assert made.size == RenditionSpec("x", 320).fit(width, height)
    assert made.convert("RGB").getpixel((0, 0)) == pytest.approx(RED, abs=TOLERANCE)


def test_metadata_that_is_in_the_decoders_way_is_left_out() -> None:
    content = encoded(quarters(), "PNG", icc_profile=icc.profile("P3", primaries=icc.DISPLAY_P3))
    end = len(png.SIGNATURE) + 25
    many = b"".join(png.chunk(b"tEXt", b"Comment\0%d" % number) for number in range(3000))

    assert rendered(content[:end] + many + content[end:], ImageFormat.PNG).size == (96, 64)


def test_a_complete_jpeg_with_a_thumbnail_shows_the_picture_and_not_the_thumbnail() -> None:
    blocks, _ = complete("jpeg", order="<", with_iptc=True)
    content = encoded(quarters(), "JPEG", quality=95, subsampling=0)
    with_metadata = content[:2] + jpeg.metadata_segments(blocks) + content[2:]

    assert rendered(with_metadata, ImageFormat.JPEG).size in {(96, 64), (64, 96)}
