"""What ``identify`` may do, by the policy that it is run under, with a real ImageMagick."""

import os
import subprocess
from pathlib import Path

import pytest

from adapters.imagemagick import IdentifyCommand
from tests.support.image_factory import photo
from tests.support.imagemagick import identify_command

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


@pytest.fixture(params=["as installed", "with a permissive policy of the system"])
def command(request: pytest.FixtureRequest, folder: Path) -> IdentifyCommand:
    installed = identify_command()
    if request.param == "as installed":
        return installed
    paths = f"{installed.environment['MAGICK_CONFIGURE_PATH']}:{folder / 'permissive'}"
    return IdentifyCommand(installed.arguments, {**installed.environment, "MAGICK_CONFIGURE_PATH": paths})


def identify(command: IdentifyCommand, *arguments: str) -> "subprocess.CompletedProcess[str]":
    return subprocess.run(
        [*command.arguments, *arguments],
        env={"HOME": os.devnull, **command.environment},
        cwd="/",
        capture_output=True,
        text=True,
        timeout=30,
        check=False,
    )


@pytest.mark.parametrize("target", FORBIDDEN.values(), ids=FORBIDDEN.keys())
def test_nothing_but_the_allowed_formats_is_read(
    command: IdentifyCommand, folder: Path, target: str
) -> None:
    result = identify(command, "-ping", target.format(folder=folder))

    assert result.returncode != 0
    assert result.stdout == ""


def test_an_allowed_format_is_read(command: IdentifyCommand, folder: Path) -> None:
    (folder / "photo").write_bytes(photo("jpeg-plain.jpg").content)

    assert identify(command, "-ping", "-format", "%w", f"jpeg:{folder}/photo").stdout == "96"


def test_the_limits_on_resources_hold(command: IdentifyCommand) -> None:
    listed = identify(command, "-list", "resource").stdout

    assert "256MiB" in listed
    assert "7GiB" not in listed
