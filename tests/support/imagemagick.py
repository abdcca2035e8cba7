"""The ImageMagick that the tests are to use: the one that the settings name, as for the product."""

import os
from functools import cache
from pathlib import Path

from adapters.imagemagick import IdentifyCommand, locate_identify


@cache
def identify_command() -> IdentifyCommand:
    """The command of a real ``identify``."""
    home, path = os.environ.get("IMAGEMAGICK_HOME"), os.environ.get("IDENTIFY_PATH")
    return locate_identify(
        imagemagick_home=Path(home) if home else None, identify_path=Path(path) if path else None
    )
