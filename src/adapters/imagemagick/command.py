"""Finds the ``identify`` program: in our bundle, at a given path, or on PATH."""

import shutil
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

_CONFIGURATION_HOME = Path(__file__).parent / "policy"
POLICY_DIRECTORY = _CONFIGURATION_HOME / "ImageMagick"
"""The directory of our policy, which overrides the system's policy.

If there are several policies, ImageMagick takes resources from the first and, in version 6, rights from
the last. Ours is both: MAGICK_CONFIGURE_PATH is read before the system's directories, XDG_CONFIG_HOME
after them.
"""


class ImageMagickNotFound(Exception):
    """There is no usable ImageMagick in the configured place or on PATH."""


@dataclass(frozen=True, slots=True)
class IdentifyCommand:
    """How to start ``identify``: its first arguments, and the environment variables that it needs."""

    arguments: tuple[str, ...]
    environment: Mapping[str, str] = field(default_factory=dict)


def locate_identify(
    *, imagemagick_home: Path | None = None, identify_path: Path | None = None
) -> IdentifyCommand:
    """Return the command of a bundle, else of a binary, else of ``identify`` or ``magick`` on PATH.

    Works with ImageMagick 6 and 7. Raises :class:`ImageMagickNotFound`.
    """
    if imagemagick_home is not None:
        return _bundled(imagemagick_home.absolute())
    if identify_path is not None:
        found = shutil.which(identify_path)
        if found is None:
            raise ImageMagickNotFound(f"{identify_path} is not an executable file.")
        return _installed(Path(found).absolute())
    for name in ("identify", "magick"):
        if found := shutil.which(name):
            return _installed(Path(found).absolute())
    raise ImageMagickNotFound("Neither identify nor magick is on PATH; install ImageMagick 6 or 7.")


def _bundled(home: Path) -> IdentifyCommand:
    """Return the command of a relocatable ImageMagick 7 with its own loader and libraries."""
    loader, libraries, binary = home / "lib" / "ld.so", home / "lib", home / "bin" / "identify"
    for path in (loader, binary):
        if not path.is_file():
            raise ImageMagickNotFound(f"{path} is missing from the ImageMagick bundle.")
    return IdentifyCommand(
        (str(loader), "--library-path", str(libraries), str(binary)),
        {
            "MAGICK_CODER_MODULE_PATH": str(home / "coders"),
            "MAGICK_CONFIGURE_PATH": f"{POLICY_DIRECTORY}:{home / 'etc'}",
            "XDG_CONFIG_HOME": str(_CONFIGURATION_HOME),
        },
    )


def _installed(binary: Path) -> IdentifyCommand:
    subcommand = ("identify",) if binary.name.startswith("magick") else ()
    return IdentifyCommand(
        (str(binary), *subcommand),
        {"MAGICK_CONFIGURE_PATH": str(POLICY_DIRECTORY), "XDG_CONFIG_HOME": str(_CONFIGURATION_HOME)},
    )
