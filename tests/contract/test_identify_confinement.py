"""``identify`` runs confined, inherits nothing, and leaves nothing behind."""

import io
import os
from pathlib import Path
from typing import BinaryIO

import pytest

from domain.metadata.errors import ImageDimensionsExceeded
from domain.shared.image_format import ImageFormat
from tests.support.fakes.identify import ANSWER, extractor, program
from tests.support.image_factory import photo
from tests.support.imagemagick import identify_command

JPEG = photo("jpeg-complete.jpg")


@pytest.fixture
def temporary(tmp_path: Path) -> Path:
    """The parent of temporary directories."""
    folder = tmp_path / "temporary"
    folder.mkdir()
    return folder


def test_it_inherits_no_environment(
    tmp_path: Path, temporary: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", "secret")
    monkeypatch.setenv("LD_PRELOAD", "")
    command = program(tmp_path, f"env > {tmp_path}/seen; echo '{ANSWER}'")

    extractor(command, temporary).extract(JPEG.open(), ImageFormat.JPEG)

    names = {line.partition("=")[0] for line in (tmp_path / "seen").read_text().splitlines()}
    # The shell itself sets the last two.
    assert names <= {
        "HOME", "LC_ALL", "MAGICK_CONFIGURE_PATH", "MAGICK_TEMPORARY_PATH", "MAGICK_THREAD_LIMIT",
        "OMP_NUM_THREADS", "TMPDIR", "CONFINED_RUN", "PWD", "_",
    }  # fmt: skip


def test_it_inherits_no_open_file_and_no_input(tmp_path: Path, temporary: Path) -> None:
    command = program(
        tmp_path, f"ls -l /proc/$$/fd > {tmp_path}/seen; cat > {tmp_path}/input; echo '{ANSWER}'"
    )
    secret = os.open("/dev/zero", os.O_RDONLY)
    os.set_inheritable(secret, True)

    extractor(command, temporary).extract(JPEG.open(), ImageFormat.JPEG)
    os.close(secret)

    assert "/dev/zero" not in (tmp_path / "seen").read_text()
    assert (tmp_path / "input").read_bytes() == b""


def test_it_runs_under_resource_limits(tmp_path: Path, temporary: Path) -> None:
    # The limits are set while the program is being loaded; a shell loads faster than identify.
    command = program(
        tmp_path,
        f'until [ "$(ulimit -c)" = 0 ] && [ "$(ulimit -n)" = 64 ]; do :; done\n'
        f"ulimit -a > {tmp_path}/seen; echo '{ANSWER}'",
    )

    extractor(command, temporary).extract(JPEG.open(), ImageFormat.JPEG)

    seen = (tmp_path / "seen").read_text()
    limits = {line.split()[0]: line.split()[-1] for line in seen.splitlines()}
    assert limits["time(seconds)"] == "5"
    assert limits["nofiles"] == "64"
    assert int(limits["vmemory(kbytes)"]) == 768 * 1024
    assert int(limits["file(blocks)"]) * 512 == 16 * 1024 * 1024


def test_it_sees_a_copy_in_a_folder_of_its_own(tmp_path: Path, temporary: Path) -> None:
    command = program(
        tmp_path, f'pwd > {tmp_path}/seen; for a; do echo "$a"; done >> {tmp_path}/seen; echo "{ANSWER}"'
    )

    extractor(command, temporary).extract(JPEG.open(), ImageFormat.JPEG)

    directory, *arguments = (tmp_path / "seen").read_text().splitlines()
    assert Path(directory).parent == temporary
    assert "-ping" in arguments
    assert arguments[-1] == f"jpeg:{directory}/image[0]"
    assert list(temporary.iterdir()) == []


def test_a_plainly_named_file_is_read_in_place(tmp_path: Path, temporary: Path) -> None:
    path = tmp_path / "IMG 0001 (1) été.heic"
    path.write_bytes(photo("avif-plain.avif").content)
    command = program(tmp_path, f'for a; do :; done; [ "$a" = "heic:{path}[0]" ] && echo "{ANSWER}"')

    with path.open("rb") as content:
        assert extractor(command, temporary).extract(content, ImageFormat.AVIF).width == 96


def test_a_file_that_is_read_in_place_is_read_without_anything_to_write_to(
    tmp_path: Path, temporary: Path
) -> None:
    (tmp_path / "photo.jpg").write_bytes(JPEG.content)
    command = program(
        tmp_path,
        f"""
        trap "" XFSZ
        until [ "$(ulimit -f)" = 0 ]; do :; done
        for directory in "$TMPDIR" "$HOME" "$MAGICK_TEMPORARY_PATH"; do
          echo x > "$directory/written" && exit 1
        done
        echo x > {tmp_path}/written
        echo "{ANSWER}"
        """,
    )
    temporary.rmdir()

    with (tmp_path / "photo.jpg").open("rb") as content:
        extractor(command, temporary).extract(content, ImageFormat.JPEG)

    assert (tmp_path / "written").read_text() == ""


@pytest.mark.parametrize(
    "name",
    ["%d.jpg", "a[1].jpg", "*.jpg", "svg:x.jpg", "-x.jpg", "@x.jpg", "|x.jpg", "a\nb.jpg", "{a,b}.jpg"],
)
def test_a_dangerous_file_name_means_nothing(tmp_path: Path, temporary: Path, name: str) -> None:
    (tmp_path / name).write_bytes(JPEG.content)

    with (tmp_path / name).open("rb") as content:
        extracted = extractor(identify_command(), temporary).extract(content, ImageFormat.JPEG)

    assert (extracted.width, extracted.exif["Model"]) == (96, "NW-1 Mark II")


def test_a_symbolic_link_is_followed(tmp_path: Path, temporary: Path) -> None:
    (tmp_path / "photo").write_bytes(JPEG.content)
    (tmp_path / "link.jpg").symlink_to(tmp_path / "photo")

    with (tmp_path / "link.jpg").open("rb") as content:
        assert extractor(identify_command(), temporary).extract(content, ImageFormat.JPEG).width == 96


def test_a_stream_whose_name_is_another_file_is_copied(tmp_path: Path, temporary: Path) -> None:
    class Misnamed(io.BytesIO):
        name = str(tmp_path / "other.jpg")

    (tmp_path / "other.jpg").write_bytes(b"another file")

    assert (
        extractor(identify_command(), temporary).extract(Misnamed(JPEG.content), ImageFormat.JPEG).width
        == 96
    )


def test_a_file_that_was_replaced_meanwhile_is_read_as_it_was_opened(
    tmp_path: Path, temporary: Path
) -> None:
    path = tmp_path / "photo.jpg"
    path.write_bytes(JPEG.content)
    with path.open("rb") as content:
        path.unlink()
        path.write_bytes(b"another file")

        assert extractor(identify_command(), temporary).extract(content, ImageFormat.JPEG).width == 96


def test_what_was_written_but_not_yet_flushed_is_read(tmp_path: Path, temporary: Path) -> None:
    with (tmp_path / "photo.jpg").open("w+b") as content:
        content.write(JPEG.content)

        assert extractor(identify_command(), temporary).extract(content, ImageFormat.JPEG).width == 96


class _Broken(io.BytesIO):
    """A stream that fails after the structure of the image was read."""

    def __init__(self, content: bytes) -> None:
        super().__init__(content)
        self.copied = False

    def read(self, size: int | None = -1, /) -> bytes:
        if self.copied:
            raise OSError("the disk is gone")
        return super().read(size)

    def seek(self, offset: int, whence: int = 0, /) -> int:
        self.copied = self.copied or (offset == 0 and whence == 0)
        return super().seek(offset, whence)


def test_nothing_is_left_behind_when_the_stream_fails(temporary: Path) -> None:
    content: BinaryIO = _Broken(JPEG.content)

    with pytest.raises(OSError, match="the disk is gone"):
        extractor(identify_command(), temporary).extract(content, ImageFormat.JPEG)

    assert list(temporary.iterdir()) == []


def test_dimensions_beyond_the_limit_in_its_answer_count(tmp_path: Path, temporary: Path) -> None:
    command = program(tmp_path, "echo '70000 1 8 sRGB ImageMagick 7.1.1-43 Q16'")

    with pytest.raises(ImageDimensionsExceeded, match="70000 x 1"):
        extractor(command, temporary).extract(JPEG.open(), ImageFormat.JPEG)
