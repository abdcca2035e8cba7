"""What ``identify`` and ``convert`` may do under our policies, with a real ImageMagick."""

import os
import subprocess
from dataclasses import replace
from pathlib import Path

import pytest

from adapters.imagemagick.command import ConvertCommand, IdentifyCommand
from tests.support.image_factory import photo
from tests.support.imagemagick import convert_command, identify_command

PERMISSIVE = """
<policymap>
  <policy domain="delegate" rights="read | execute" pattern="*"/>
  <policy domain="filter" rights="read | execute" pattern="*"/>
  <policy domain="path" rights="read | write" pattern="@*"/>
  <policy domain="coder" rights="read | write" pattern="*"/>
  <policy domain="module" rights="read | write" pattern="*"/>
  <policy domain="resource" name="memory" value="7GiB"/>
</policymap>
"""
FORBIDDEN = {
    "text": "text:{folder}/text",
    "a label": "label:words",
    "a label from a file": "label:@{folder}/text",
    "a canvas": "xc:red",
    "a gradient": "gradient:red-blue",
    "SVG": "svg:{folder}/drawing.svg",
    "ImageMagick's own SVG": "msvg:{folder}/drawing.svg",
    "MVG": "mvg:{folder}/drawing.mvg",
    "raw samples": "gray:{folder}/text",
    "a file whose format it may find out": "{folder}/drawing.svg",
    "a list of files": "@{folder}/list",
}


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    (tmp_path / "text").write_text("secret")
    (tmp_path / "list").write_text(str(tmp_path / "text"))
    (tmp_path / "drawing.mvg").write_text("viewbox 0 0 9 9\nrectangle 0,0 5,5\n")
    (tmp_path / "drawing.svg").write_text(
        '<svg xmlns="http://www.w3.org/2000/svg" width="9" height="9"><rect width="5" height="5"/></svg>'
    )
    (tmp_path / "permissive").mkdir()
    (tmp_path / "permissive" / "policy.xml").write_text(PERMISSIVE)
    return tmp_path


Command = IdentifyCommand | ConvertCommand
INSTALLED, PERMISSIVE_TOO = "as installed", "with a permissive policy of the system"


def under_policies(command: Command, folder: Path, policies: str) -> Command:
    """Return the command as it runs on a system with this policy."""
    if policies == INSTALLED:
        return command
    paths = f"{command.environment['MAGICK_CONFIGURE_PATH']}:{folder / 'permissive'}"
    return replace(command, environment={**command.environment, "MAGICK_CONFIGURE_PATH": paths})


@pytest.fixture(params=[INSTALLED, PERMISSIVE_TOO])
def identify(request: pytest.FixtureRequest, folder: Path) -> Command:
    return under_policies(identify_command(), folder, request.param)


@pytest.fixture(params=[INSTALLED, PERMISSIVE_TOO])
def convert(request: pytest.FixtureRequest, folder: Path) -> Command:
    return under_policies(convert_command(), folder, request.param)


def run(command: Command, *arguments: str) -> "subprocess.CompletedProcess[bytes]":
    return subprocess.run(
        [*command.arguments, *arguments],
        env={"HOME": os.devnull, **command.environment},
        cwd="/",
        capture_output=True,
        timeout=30,
        check=False,
    )


@pytest.mark.parametrize("target", FORBIDDEN.values(), ids=FORBIDDEN.keys())
def test_nothing_but_the_allowed_formats_is_identified(
    identify: Command, folder: Path, target: str
) -> None:
    result = run(identify, "-ping", target.format(folder=folder))

    assert result.returncode != 0
    assert result.stdout == b""


@pytest.mark.parametrize("target", FORBIDDEN.values(), ids=FORBIDDEN.keys())
def test_nothing_but_the_allowed_formats_is_rendered(convert: Command, folder: Path, target: str) -> None:
    result = run(convert, "-size", "9x9", "-depth", "8", target.format(folder=folder), "webp:-")

    assert result.returncode != 0
    assert result.stdout == b""


@pytest.mark.parametrize(
    "name", ["jpeg", "png", "tiff", "gif", "txt", "info", "json", "svg", "mvg", "miff"]
)
def test_nothing_but_webp_is_written(convert: Command, folder: Path, name: str) -> None:
    (folder / "photo").write_bytes(photo("jpeg-plain.jpg").content)

    result = run(convert, f"jpeg:{folder}/photo", f"{name}:{folder}/written")

    assert result.returncode != 0
    written = folder / "written"
    assert not written.exists() or written.read_bytes() == b""


def test_an_allowed_format_is_identified_and_rendered(
    identify: Command, convert: Command, folder: Path
) -> None:
    (folder / "photo").write_bytes(photo("jpeg-plain.jpg").content)

    assert run(identify, "-ping", "-format", "%w", f"jpeg:{folder}/photo").stdout == b"96"
    assert run(convert, f"jpeg:{folder}/photo", "webp:-").stdout.startswith(b"RIFF")


def test_the_limits_on_resources_hold(identify: Command, convert: Command) -> None:
    identifying = run(identify, "-list", "resource").stdout
    rendering = run(convert, "-list", "resource").stdout

    assert b"256MiB" in identifying
    assert b"Disk: 0B" in rendering
    assert b"2GiB" in rendering
    assert b"7GiB" not in identifying + rendering
