"""The command that prints the documents of local files."""

import io
import json
import os
import socket
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from entrypoints import extract
from tests.support.image_factory import photo
from tests.support.image_factory.jpeg import encoded
from tests.support.image_factory.tiff import picture_entries
from tests.support.image_factory.tiff_structure import Ifd, byte, tiff_structure

ROOT = Path(__file__).parents[3]


@pytest.fixture
def files(tmp_path: Path) -> list[str]:
    names = ["jpeg-complete.jpg", "png-complete.png", "webp-complete.webp", "gif-complete.gif"]
    for name in names:
        (tmp_path / name).write_bytes(photo(name).content)
    return [str(tmp_path / name) for name in names]


def lines(captured: str) -> list[Any]:
    return [json.loads(line) for line in captured.splitlines()]


def test_each_file_s_document_is_printed_in_the_order_given(
    files: list[str], capsys: pytest.CaptureFixture[str]
) -> None:
    assert extract.main(["--jobs", "4", *files]) == 0

    documents = lines(capsys.readouterr().out)
    assert [document["image"]["format"] for document in documents] == ["jpeg", "png", "webp", "gif"]
    assert documents[0]["summary"]["description"] == "A gull — Möwe, 鸥 — above the roofs"


def test_a_camera_raw_file_is_marked_or_refused_by_the_setting(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    raw = str(tmp_path / "raw.dng")
    dng = Ifd({**picture_entries(), 0xC612: byte(1, 4, 0, 0)})
    Path(raw).write_bytes(tiff_structure(dng))

    assert extract.main([raw]) == 0
    assert lines(capsys.readouterr().out)[0]["image"]["raw"] is True

    monkeypatch.setenv("ALLOW_CAMERA_RAW", "false")
    assert extract.main([raw]) == 1
    assert lines(capsys.readouterr().out)[0]["error"]["code"] == "unsupported-image-type"


def test_a_refused_file_is_named_with_the_reason(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / "text.jpg").write_text("no image")
    (tmp_path / "empty.jpg").touch()
    (tmp_path / "cut.jpg").write_bytes(encoded()[:-20])
    names = ["text.jpg", "empty.jpg", "cut.jpg", "missing.jpg", "."]

    assert extract.main([str(tmp_path / name) for name in names]) == 1

    answers = lines(capsys.readouterr().out)
    assert [answer["file"] for answer in answers] == [str(tmp_path / name) for name in names]
    assert [answer["error"]["code"] for answer in answers] == [
        "unsupported-image-type",
        "unsupported-image-type",
        "unreadable-image",
        "unreadable-file",
        "unreadable-file",
    ]
    assert answers[3]["error"]["detail"] == "No such file or directory"


@pytest.mark.timeout(20)
def test_something_else_than_a_regular_file_is_refused(
    files: list[str], tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    os.mkfifo(tmp_path / "fifo.jpg")
    (tmp_path / "link.jpg").symlink_to(tmp_path / "fifo.jpg")
    with socket.socket(socket.AF_UNIX) as listener:
        listener.bind(str(tmp_path / "socket"))
        names = [str(tmp_path / name) for name in ("fifo.jpg", "link.jpg", "socket")]

        assert extract.main([*names, "/dev/zero", "/dev/null", files[0]]) == 1

    *refused, read = lines(capsys.readouterr().out)
    assert [answer["file"] for answer in refused] == [*names, "/dev/zero", "/dev/null"]
    assert {answer["error"]["code"] for answer in refused} == {"unreadable-file"}
    assert refused[0]["error"]["detail"] == "Not a regular file"
    assert read["image"]["format"] == "jpeg"


def test_without_imagemagick_it_says_what_is_missing(
    files: list[str], monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], tmp_path: Path
) -> None:
    monkeypatch.delenv("IMAGEMAGICK_HOME", raising=False)
    monkeypatch.setenv("IDENTIFY_PATH", str(tmp_path / "missing"))

    assert extract.main(files) == 2

    captured = capsys.readouterr()
    assert captured.out == ""
    assert "is not an executable file" in captured.err


class Terminal(io.StringIO):
    def isatty(self) -> bool:
        return True


def test_on_a_terminal_many_files_have_a_progress_bar(
    files: list[str], monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    terminal = Terminal()
    monkeypatch.setattr(sys, "stderr", terminal)

    extract.main(files)

    assert "[#######-----------------------] 1/4" in terminal.getvalue()
    assert "3/4" in terminal.getvalue()
    assert terminal.getvalue().endswith("\r\x1b[K")
    assert len(lines(capsys.readouterr().out)) == 4


def test_one_file_has_none(files: list[str], monkeypatch: pytest.MonkeyPatch) -> None:
    terminal = Terminal()
    monkeypatch.setattr(sys, "stderr", terminal)

    extract.main(files[:1])

    assert terminal.getvalue() == ""


@pytest.mark.parametrize("jobs", ["0", "-1", "many"])
def test_a_senseless_number_of_jobs_is_refused(jobs: str, files: list[str]) -> None:
    with pytest.raises(SystemExit, match="2"):
        extract.main(["--jobs", jobs, *files])


def test_it_runs_as_a_module_and_quietly_where_output_is_not_a_terminal(
    files: list[str], tmp_path: Path
) -> None:
    odd = tmp_path / os.fsdecode(b"\xff.jpg")
    odd.write_text("no image")

    # Without the variables for measuring coverage, which may print warnings.
    environment = {name: value for name, value in os.environ.items() if not name.startswith("COV")}

    done = subprocess.run(
        [sys.executable, "-m", "entrypoints.extract", *files, str(odd)],
        env=environment | {"PYTHONPATH": str(ROOT / "src"), "PYTHONIOENCODING": "ascii"},
        capture_output=True,
        check=False,
    )

    assert done.returncode == 1
    assert done.stderr == b""
    answers = lines(done.stdout.decode())
    assert len(answers) == 5
    assert answers[4]["file"] == f"{tmp_path}/\ufffd.jpg"
