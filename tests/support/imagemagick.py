"""The ImageMagick for the tests, selected by the same settings as in the product."""

import os
import subprocess
from functools import cache
from pathlib import Path

from adapters.imagemagick.command import ConvertCommand, IdentifyCommand, locate_convert, locate_identify


@cache
def identify_command() -> IdentifyCommand:
    """The command of a real ``identify``."""
    home, path = _settings()
    return locate_identify(imagemagick_home=home, identify_path=path)


@cache
def convert_command() -> ConvertCommand:
    """The command of the real ``convert`` that belongs to it."""
    home, path = _settings()
    return locate_convert(imagemagick_home=home, identify_path=path)


@cache
def major_version() -> int:
    """The major version of that ImageMagick."""
    command = identify_command()
    listed = subprocess.run(
        [*command.arguments, "-version"], env=dict(command.environment), capture_output=True, check=True
    ).stdout
    return int(listed.split(b"ImageMagick ")[1].split(b".")[0])


def _settings() -> tuple[Path | None, Path | None]:
    home, path = os.environ.get("IMAGEMAGICK_HOME"), os.environ.get("IDENTIFY_PATH")
    return Path(home) if home else None, Path(path) if path else None
