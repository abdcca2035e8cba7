"""If reading fails, either the image or its reader is at fault, and the program leaves nothing behind."""

import io
import resource
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from adapters.imagemagick.command import IdentifyCommand
from adapters.imagemagick.extractor import ImageMagickMetadataExtractor
from adapters.imagemagick.process import ProcessLimits
from adapters.imagemagick.reference_image import reference_image
from domain.metadata.errors import UnreadableImage
from domain.metadata.pixel_limits import PixelLimits
from domain.shared.errors import ServiceUnavailable
from domain.shared.image_format import ImageFormat, sniff_format
from tests.support.fakes.identify import ANSWER, READS_REFERENCES, extractor, program
from tests.support.image_factory import photo
from tests.support.imagemagick import identify_command

JPEG = photo("jpeg-plain.jpg")
IMPATIENT = ProcessLimits(timeout_s=2)
SPARING = ProcessLimits(cpu_s=1)
SAMPLES = {
    ImageFormat.JPEG: "jpeg-plain.jpg",
    ImageFormat.PNG: "png-plain.png",
    ImageFormat.GIF: "gif-87a.gif",
    ImageFormat.WEBP: "webp-plain.webp",
    ImageFormat.TIFF: "tiff-plain.tif",
    ImageFormat.HEIC: "heic-plain.heic",
    ImageFormat.AVIF: "avif-plain.avif",
}

FAILURES = {
    "exits 1": "exit 1",
    "fails after an answer": f"echo '{ANSWER}'; exit 1",
    "cannot be loaded": "exit 127",
    "crashes": "kill -SEGV $$",
    "is killed": "kill -KILL $$",
    "says nothing": "",
    "says an empty line": "echo",
    "says half of it": "echo '96 64 8 sRGB'",
    "says it twice": f"echo '{ANSWER}'; echo '{ANSWER}'",
    "says nonsense": "echo '96 64 8 sRGB;x ImageMagick 7 Q16'",
    "says bytes": "printf '\\377\\377'",
    "has no decoder": "echo 'identify: no decode delegate for this image format' >&2; exit 1",
    "prints without end": "yes",
    "waits": "sleep 300",
    "waits without output": "exec >&-; sleep 300",
    "computes": "while :; do :; done",
}
every_failure = pytest.mark.parametrize(
    ("failure", "limits"),
    [
        pytest.param(script, IMPATIENT if "waits" in name else SPARING, id=name)
        for name, script in FAILURES.items()
    ],
)


@pytest.fixture
def temporary(tmp_path: Path) -> Iterator[Path]:
    """The parent of temporary directories; nothing may be left in it."""
    folder = tmp_path / "temporary"
    folder.mkdir()
    yield folder
    assert list(folder.iterdir()) == []


@every_failure
def test_the_image_is_at_fault_where_a_good_one_is_read(
    tmp_path: Path, temporary: Path, failure: str, limits: ProcessLimits
) -> None:
    command = program(tmp_path, f"{READS_REFERENCES}\n{failure}")

    with pytest.raises(UnreadableImage, match="cannot be read as an image of their format"):
        extractor(command, temporary, limits).extract(JPEG.open(), ImageFormat.JPEG)


@every_failure
def test_the_reader_is_at_fault_where_not_even_a_good_one_is_read(
    tmp_path: Path, temporary: Path, failure: str, limits: ProcessLimits
) -> None:
    with pytest.raises(ServiceUnavailable):
        extractor(program(tmp_path, failure), temporary, limits).extract(JPEG.open(), ImageFormat.JPEG)


def test_a_reader_that_is_gone_is_at_fault(tmp_path: Path, temporary: Path) -> None:
    with pytest.raises(ServiceUnavailable):
        extractor(IdentifyCommand((str(tmp_path / "gone"),)), temporary).extract(
            JPEG.open(), ImageFormat.JPEG
        )


@pytest.mark.parametrize("image_format", ImageFormat)
def test_a_reader_that_has_lost_one_format_is_at_fault_for_that_one(
    tmp_path: Path, temporary: Path, image_format: ImageFormat
) -> None:
    lost = SAMPLES[image_format]
    coder = "heic" if image_format is ImageFormat.AVIF else image_format.value
    crippled = extractor(
        program(tmp_path, f'case "$*" in *{coder}:/*) exit 1 ;; esac; echo "{ANSWER}"'), temporary
    )

    with pytest.raises(ServiceUnavailable):
        crippled.extract(photo(lost).open(), image_format)
    other = ImageFormat.PNG if image_format is ImageFormat.JPEG else ImageFormat.JPEG
    assert crippled.extract(photo(SAMPLES[other]).open(), other).width


@pytest.mark.parametrize("image_format", ImageFormat)
def test_the_real_one_reads_the_good_images_and_finds_fault_with_a_damaged_one(
    temporary: Path, image_format: ImageFormat
) -> None:
    reference = reference_image(image_format)
    content = reference.read_bytes()
    real = extractor(identify_command(), temporary)

    with reference.open("rb") as stream:
        assert real.extract(stream, image_format).warnings == ()
    assert sniff_format(content) is image_format
    assert len(content) < 1000
    with pytest.raises(UnreadableImage):
        real.extract(io.BytesIO(content[: len(content) // 3]), image_format)


def test_the_good_images_are_read_regardless_of_the_allowed_dimensions(tmp_path: Path) -> None:
    answer_for_references = READS_REFERENCES.replace("96 64", "97 65")
    command = program(tmp_path, f"{answer_for_references}\nexit 1")
    narrow = ImageMagickMetadataExtractor(command, pixel_limits=PixelLimits(96 * 64, 96))

    with pytest.raises(UnreadableImage):
        narrow.extract(JPEG.open(), ImageFormat.JPEG)


def test_an_overloaded_machine_refuses_no_image(tmp_path: Path, temporary: Path) -> None:
    # It is still computing, with processor time left, when the timeout stops it.
    command = program(tmp_path, f"{READS_REFERENCES}\nwhile :; do :; done")
    limits = ProcessLimits(cpu_s=30, timeout_s=0.5)

    with pytest.raises(ServiceUnavailable, match="fast enough"):
        extractor(command, temporary, limits).extract(JPEG.open(), ImageFormat.JPEG)


def test_the_memory_that_ran_out_is_the_image_s_fault_where_a_good_one_is_read(
    temporary: Path,
) -> None:
    class Exhausting(io.BytesIO):
        def read(self, size: int | None = -1, /) -> bytes:
            raise MemoryError

    with pytest.raises(UnreadableImage):
        extractor(identify_command(), temporary).extract(Exhausting(JPEG.content), ImageFormat.JPEG)


def test_the_output_is_bounded_while_it_is_read(tmp_path: Path) -> None:
    # In a separate process, to measure its peak memory alone.
    command = program(tmp_path, f"{READS_REFERENCES}\nhead -c 400000000 /dev/zero")
    script = f"""
import io, resource
from domain.metadata.errors import UnreadableImage
from domain.shared.image_format import ImageFormat
from tests.support.fakes.identify import extractor, program
from tests.support.image_factory import photo
from adapters.imagemagick.command import IdentifyCommand
content = photo("jpeg-plain.jpg").open()
before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
try:
    extractor(IdentifyCommand(({command.arguments[0]!r},)), None).extract(content, ImageFormat.JPEG)
except UnreadableImage:
    print(resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before)
"""
    result = subprocess.run(
        [sys.executable, "-c", script],
        capture_output=True, text=True, check=True, cwd=Path(__file__).parents[2],
        env={"PYTHONPATH": "src:."},
    )  # fmt: skip

    assert int(result.stdout) < 8 * 1024, "kilobytes"


LEFT_BEHIND = {
    "a child": "sleep 300 & echo $! >> {pids}",
    "a child that has the output": "sleep 301 & echo $! >> {pids}",
    "a child of a child": "(sh -c 'echo $$ >> {pids}; sleep 300' & echo $! >> {pids}) &",
    "an orphan": "(sleep 300 >/dev/null 2>&1 & echo $! >> {pids})",
    "a daemon": "(setsid sh -c 'echo $$ >> {pids}; sleep 300 & echo $! >> {pids}; wait' >/dev/null 2>&1 &)",
    "an orphaned daemon": "setsid -f sh -c '(sleep 300 & echo $! >> {pids})' >/dev/null 2>&1 </dev/null",
    "one that minds no signal": "(trap '' TERM HUP INT; sleep 300) & echo $! >> {pids}",
    "one that dropped its environment": "env -i sleep 300 & echo $! >> {pids}",
}
WAIT_FOR_PIDS = "until [ -s {pids} ]; do :; done"
ENDINGS = {
    "answers": f"echo '{ANSWER}'",
    "fails": "exit 1",
    "waits": "sleep 302",
    "crashes": "kill -KILL $$",
    "floods": "yes",
}


@pytest.mark.parametrize("ending", ENDINGS.values(), ids=ENDINGS.keys())
@pytest.mark.parametrize("left", LEFT_BEHIND.values(), ids=LEFT_BEHIND.keys())
def test_nothing_that_it_started_survives(tmp_path: Path, temporary: Path, left: str, ending: str) -> None:
    pids = tmp_path / "pids"
    script = "\n".join([READS_REFERENCES, left, WAIT_FOR_PIDS, ending]).format(pids=pids)
    answers = "ImageMagick" in ending
    reader = extractor(program(tmp_path, script), temporary, ProcessLimits(timeout_s=30 if answers else 1))

    started = time.monotonic()
    if answers:
        assert reader.extract(JPEG.open(), ImageFormat.JPEG).width == 96
        assert time.monotonic() - started < 15, "what it left was waited for"
    else:
        with pytest.raises(UnreadableImage):
            reader.extract(JPEG.open(), ImageFormat.JPEG)

    running = [pid for pid in pids.read_text().split() if Path(f"/proc/{pid}").exists()]
    assert running == []


def test_other_children_of_the_process_are_left_alone(tmp_path: Path, temporary: Path) -> None:
    with subprocess.Popen(["sleep", "300"], start_new_session=True) as other:
        reader = extractor(program(tmp_path, f"sleep 300 & echo '{ANSWER}'"), temporary)
        reader.extract(JPEG.open(), ImageFormat.JPEG)

        assert other.poll() is None
        other.kill()


def test_a_directory_that_cannot_be_made_is_not_the_image_s_fault(tmp_path: Path) -> None:
    with pytest.raises(ServiceUnavailable, match="no space"):
        extractor(identify_command(), tmp_path / "missing").extract(JPEG.open(), ImageFormat.JPEG)


@pytest.fixture
def no_room() -> Iterator[None]:
    """Simulate a full disk: no file can grow beyond a few hundred bytes."""
    before = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (500, before[1]))
    yield
    resource.setrlimit(resource.RLIMIT_FSIZE, before)


@pytest.mark.usefixtures("no_room")
def test_a_copy_that_cannot_be_written_is_not_the_image_s_fault(temporary: Path) -> None:
    with pytest.raises(ServiceUnavailable, match="no space"):
        extractor(identify_command(), temporary).extract(JPEG.open(), ImageFormat.JPEG)


@pytest.mark.parametrize("name", ["tiff-little-endian.tif", "bigtiff-big-endian.tif"])
def test_a_tiff_that_only_lost_metadata_is_read_with_a_warning(temporary: Path, name: str) -> None:
    content = photo(name).content
    real = extractor(identify_command(), temporary)

    extracted = real.extract(io.BytesIO(content[: len(content) * 9 // 10]), ImageFormat.TIFF)

    assert (extracted.width, extracted.height) == (96, 64)
    assert extracted.warnings
