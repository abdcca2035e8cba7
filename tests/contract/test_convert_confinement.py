"""How ``convert`` is run, and what is at fault if it fails: the image or the renderer."""

import io
import os
import struct
import zlib
from collections.abc import Iterator
from pathlib import Path

import pytest
from PIL import Image

from adapters.imagemagick.process import ProcessLimits
from adapters.imagemagick.renderer import ImageMagickRenderer
from domain.renditions.errors import ImageTooLargeToRender, UnrenderableImage
from domain.renditions.model import DEFAULT_RENDITIONS, PREVIEW, THUMBNAIL, Rendition, RenditionSpec
from domain.shared.errors import ServiceUnavailable
from domain.shared.image_format import ImageFormat
from tests.support.fakes.convert import RENDERS_REFERENCES, program, renderer
from tests.support.image_factory import photo, png
from tests.support.imagemagick import convert_command

JPEG = photo("jpeg-complete.jpg")
IMPATIENT = ProcessLimits(timeout_s=2)
SPARING = ProcessLimits(cpu_s=1)


@pytest.fixture
def temporary(tmp_path: Path) -> Iterator[Path]:
    """The parent of temporary directories; nothing may be left in it."""
    folder = tmp_path / "temporary"
    folder.mkdir()
    yield folder
    assert list(folder.iterdir()) == []


def render(
    subject: ImageMagickRenderer,
    content: bytes = JPEG.content,
    image_format: ImageFormat = ImageFormat.JPEG,
    specs: tuple[RenditionSpec, ...] = (THUMBNAIL,),
) -> list[Rendition]:
    with subject.render(io.BytesIO(content), image_format, specs) as renditions:
        return list(renditions)


def test_it_inherits_no_environment_no_open_file_and_no_input(
    tmp_path: Path, temporary: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", "secret")
    command = program(
        tmp_path,
        f"env > {tmp_path}/seen; ls -l /proc/$$/fd > {tmp_path}/files; cat > {tmp_path}/input\n"
        'cat "$PICTURE"',
    )
    secret = os.open("/dev/zero", os.O_RDONLY)
    os.set_inheritable(secret, True)

    render(renderer(command, temporary))
    os.close(secret)

    names = {line.partition("=")[0] for line in (tmp_path / "seen").read_text().splitlines()}
    # The last two are the shell's own.
    assert names <= {
        "HOME", "LC_ALL", "MAGICK_CONFIGURE_PATH", "MAGICK_TEMPORARY_PATH", "MAGICK_THREAD_LIMIT",
        "OMP_NUM_THREADS", "TMPDIR", "CONFINED_RUN", "PWD", "_",
    }  # fmt: skip
    assert "/dev/zero" not in (tmp_path / "files").read_text()
    assert (tmp_path / "input").read_bytes() == b""


def test_it_runs_under_resource_limits(tmp_path: Path, temporary: Path) -> None:
    # The limits arrive while the program is being loaded; a shell is faster than convert.
    command = program(
        tmp_path,
        f'until [ "$(ulimit -c)" = 0 ] && [ "$(ulimit -n)" = 64 ]; do :; done\n'
        f'ulimit -a > {tmp_path}/seen; cat "$PICTURE"',
    )

    render(renderer(command, temporary))

    seen = (tmp_path / "seen").read_text()
    limits = {line.split()[0]: line.split()[-1] for line in seen.splitlines()}
    assert limits["time(seconds)"] == "60"
    assert limits["nofiles"] == "64"
    assert int(limits["vmemory(kbytes)"]) == 2 * 1024 * 1024
    assert int(limits["file(blocks)"]) * 512 == 128 * 1024 * 1024


def test_it_reads_a_copy_in_its_own_folder_and_only_writes_its_output(
    tmp_path: Path, temporary: Path
) -> None:
    command = program(
        tmp_path,
        f'pwd > {tmp_path}/seen; for a; do echo "$a"; done >> {tmp_path}/seen; cat "$PICTURE" "$PICTURE"',
    )

    render(renderer(command, temporary), specs=DEFAULT_RENDITIONS)

    directory, *arguments = (tmp_path / "seen").read_text().splitlines()
    assert Path(directory).parent == temporary
    assert next(argument for argument in arguments if ":/" in argument) == f"jpeg:{directory}/image[0]"
    assert [argument for argument in arguments if argument.startswith("webp:")].count("webp:-") == 2
    assert [arguments[at + 1] for at, argument in enumerate(arguments) if argument == "-write"] == [
        "webp:-"
    ]
    assert "-strip" in arguments


def test_a_rendition_can_be_had_while_the_next_one_is_being_made(tmp_path: Path, temporary: Path) -> None:
    command = program(
        tmp_path, f'cat "$PICTURE"; until [ -e {tmp_path}/seen ]; do sleep 0.01; done; cat "$PICTURE"'
    )

    with renderer(command, temporary).render(
        io.BytesIO(JPEG.content), ImageFormat.JPEG, DEFAULT_RENDITIONS
    ) as renditions:
        made = [next(renditions)]
        (tmp_path / "seen").touch()
        made += renditions

    assert [rendition.name for rendition in made] == ["thumbnail", "preview"]


def test_it_is_ended_where_nobody_waits_for_more(tmp_path: Path, temporary: Path) -> None:
    command = program(tmp_path, 'cat "$PICTURE"; sleep 300')

    with renderer(command, temporary).render(
        io.BytesIO(JPEG.content), ImageFormat.JPEG, DEFAULT_RENDITIONS
    ) as renditions:
        assert next(renditions).name == "thumbnail"


FAILURES = {
    "exits 1": "exit 1",
    "cannot be loaded": "exit 127",
    "crashes": "kill -SEGV $$",
    "says nothing": "",
    "writes half of it": 'head -c 100 "$PICTURE"',
    "writes something else": "printf 'RIFF\\004\\0\\0\\0WEBP'; exit 1",
    "writes one picture more": 'cat "$PICTURE" "$PICTURE"',
    "writes metadata": "cat {complete}",
    "waits": "sleep 300",
    "waits without output": "exec >&-; sleep 300",
}


def written(tmp_path: Path, failure: str) -> str:
    (tmp_path / "complete.webp").write_bytes(photo("webp-complete.webp").content)
    return failure.replace("{complete}", str(tmp_path / "complete.webp"))


@pytest.mark.parametrize("failure", FAILURES.values(), ids=FAILURES.keys())
def test_the_image_is_at_fault_where_a_good_one_is_rendered(
    tmp_path: Path, temporary: Path, failure: str
) -> None:
    command = program(tmp_path, f"{RENDERS_REFERENCES}\n{written(tmp_path, failure)}")
    path = tmp_path / "photo.jpg"
    path.write_bytes(photo("jpeg-plain.jpg").content)

    with (
        pytest.raises(UnrenderableImage, match="damaged or has an encoding that is not supported"),
        path.open("rb") as content,
        renderer(command, temporary, IMPATIENT).render(
            content, ImageFormat.JPEG, [THUMBNAIL]
        ) as renditions,
    ):
        list(renditions)


@pytest.mark.parametrize("failure", [script for name, script in FAILURES.items() if "waits" not in name])
def test_the_renderer_is_at_fault_where_not_even_a_good_image_is_rendered(
    tmp_path: Path, temporary: Path, failure: str
) -> None:
    command = program(tmp_path, written(tmp_path, failure))

    with pytest.raises(ServiceUnavailable):
        render(renderer(command, temporary, IMPATIENT), photo("jpeg-plain.jpg").content)


@pytest.mark.parametrize(
    "failure",
    [
        "kill -KILL $$",
        "echo 'convert: cache resources exhausted' >&2; exit 1",
        "echo 'magick: MemoryAllocationFailed' >&2; exit 1",
        "while :; do :; done",
    ],
)
def test_an_image_for_which_there_is_too_little_memory_or_time_is_too_large(
    tmp_path: Path, temporary: Path, failure: str
) -> None:
    command = program(tmp_path, f"{RENDERS_REFERENCES}\n{failure}")
    path = tmp_path / "photo.jpg"
    path.write_bytes(JPEG.content)

    with (
        pytest.raises(ImageTooLargeToRender, match=r"0\.0 megapixels"),
        path.open("rb") as content,
        renderer(command, temporary, SPARING).render(content, ImageFormat.JPEG, [THUMBNAIL]) as renditions,
    ):
        list(renditions)


def test_a_renderer_that_is_gone_is_at_fault(tmp_path: Path, temporary: Path) -> None:
    command = program(tmp_path, "")
    (tmp_path / "convert").unlink()

    with pytest.raises(ServiceUnavailable):
        render(renderer(command, temporary))


def test_a_picture_that_is_larger_than_was_asked_for_is_refused(tmp_path: Path, temporary: Path) -> None:
    command = program(tmp_path, f'{RENDERS_REFERENCES}\ncat "$PICTURE"')

    with pytest.raises(UnrenderableImage):
        render(renderer(command, temporary), specs=(RenditionSpec("tiny", 10),))


@pytest.mark.parametrize("image_format", ImageFormat)
def test_the_real_one_renders_the_good_images_and_finds_fault_with_a_damaged_one(
    temporary: Path, image_format: ImageFormat
) -> None:
    damaged = {
        ImageFormat.JPEG: photo("jpeg-plain.jpg"),
        ImageFormat.PNG: photo("png-plain.png"),
        ImageFormat.GIF: photo("gif-87a.gif"),
        ImageFormat.WEBP: photo("webp-plain.webp"),
        ImageFormat.TIFF: photo("tiff-plain.tif"),
        ImageFormat.HEIC: photo("heic-plain.heic"),
        ImageFormat.AVIF: photo("avif-plain.avif"),
    }[image_format].content[:40]

    with pytest.raises(UnrenderableImage):
        render(renderer(convert_command(), temporary), damaged, image_format)


def claiming_png(width: int, height: int) -> bytes:
    """A PNG that claims this size and has a few rows."""
    header = struct.pack(">IIBBBBB", width, height, 8, 6, 0, 0, 0)
    return (
        png.SIGNATURE
        + png.chunk(b"IHDR", header)
        + png.chunk(b"IDAT", zlib.compress(bytes(100_000)))
        + png.chunk(b"IEND", b"")
    )


def test_a_claim_that_memory_cannot_hold_is_refused_with_the_reason(temporary: Path) -> None:
    with pytest.raises(ImageTooLargeToRender, match=r"900\.0 megapixels"):
        render(renderer(convert_command(), temporary), claiming_png(30_000, 30_000), ImageFormat.PNG)


def test_a_photo_of_200_megapixels_is_rendered(temporary: Path) -> None:
    output = io.BytesIO()
    Image.new("L", (16_320, 12_288), 90).save(output, "JPEG", quality=50)

    made = render(renderer(convert_command(), temporary), output.getvalue(), specs=(THUMBNAIL, PREVIEW))

    assert [(rendition.width, rendition.height) for rendition in made] == [(320, 241), (1600, 1205)]
