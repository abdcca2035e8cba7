"""Locates the ``identify`` and ``convert`` programs: in our bundle, at a given path, or on PATH."""

import shutil
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

_FOLDER = Path(__file__).parent
POLICY_DIRECTORY = _FOLDER / "policy" / "ImageMagick"
"""The directory of our policy for ``identify``, which overrides the system's policy.

If there are several policies, ImageMagick takes resources from the first and, in version 6, rights from
the last. Ours is both the first and the last: MAGICK_CONFIGURE_PATH is read before the system's
directories, and XDG_CONFIG_HOME after them.
"""
RENDERING_POLICY_DIRECTORY = _FOLDER / "rendering_policy" / "ImageMagick"
"""The directory of our policy for ``convert``."""


class ImageMagickNotFound(Exception):
    """There is no usable ImageMagick at the configured path or on PATH."""


@dataclass(frozen=True, slots=True)
class IdentifyCommand:
    """How to start ``identify``: its first arguments, and the environment variables that it needs."""

    arguments: tuple[str, ...]
    environment: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class ConvertCommand:
    """How to start ``convert``: its first arguments, and the environment variables that it needs."""

    arguments: tuple[str, ...]
    environment: Mapping[str, str] = field(default_factory=dict)


def locate_identify(
    *, imagemagick_home: Path | None = None, identify_path: Path | None = None
) -> IdentifyCommand:
    """Return the command of a bundle, else of a binary, else of ``identify`` or ``magick`` on PATH.

    Works with ImageMagick 6 and 7. Raises :class:`ImageMagickNotFound`.
    """
    if imagemagick_home is not None:
        return _bundled_identify(imagemagick_home.absolute())
    binary = _installed(identify_path)
    subcommand = ("identify",) if _does_everything(binary) else ()
    return IdentifyCommand((str(binary), *subcommand), _policy_variables(POLICY_DIRECTORY))


def locate_convert(
    *, imagemagick_home: Path | None = None, identify_path: Path | None = None
) -> ConvertCommand:
    """Find the ``convert`` that belongs to the ``identify`` that :func:`locate_identify` finds.

    An installed ``magick`` does both. Otherwise, ``convert`` is in the directory of ``identify``, under the
    same name with that word replaced. Raises :class:`ImageMagickNotFound`.
    """
    if imagemagick_home is not None:
        return _bundled_convert(imagemagick_home.absolute())
    binary = _installed(identify_path)
    if not _does_everything(binary):
        beside = binary.with_name(binary.name.replace("identify", "convert"))
        if beside == binary or not shutil.which(beside):
            raise ImageMagickNotFound(f"There is no convert beside {binary}.")
        binary = beside
    return ConvertCommand((str(binary),), _policy_variables(RENDERING_POLICY_DIRECTORY))


def _bundled_identify(home: Path) -> IdentifyCommand:
    """Return the command of a relocatable ImageMagick 7 with its own loader and libraries."""
    loader, libraries, binary = _bundle_parts(home)
    policy = _policy_variables(POLICY_DIRECTORY)
    return IdentifyCommand(
        (loader, "--library-path", libraries, binary),
        {
            "MAGICK_CODER_MODULE_PATH": str(home / "coders"),
            **policy,
            "MAGICK_CONFIGURE_PATH": f"{policy['MAGICK_CONFIGURE_PATH']}:{home / 'etc'}",
        },
    )


def _bundled_convert(home: Path) -> ConvertCommand:
    """Return the command of the same program, which acts as the tool whose name it is given."""
    loader, libraries, binary = _bundle_parts(home)
    return ConvertCommand(
        (loader, "--argv0", "magick", "--library-path", libraries, binary),
        {
            "MAGICK_CODER_MODULE_PATH": str(home / "coders"),
            "LIBHEIF_PLUGIN_PATH": str(home / "decoders"),
            **_policy_variables(RENDERING_POLICY_DIRECTORY),
        },
    )


def _bundle_parts(home: Path) -> tuple[str, str, str]:
    """Return the paths of a bundle's loader, libraries and program."""
    loader, binary = home / "lib" / "ld.so", home / "bin" / "identify"
    for path in (loader, binary):
        if not path.is_file():
            raise ImageMagickNotFound(f"{path} is missing from the ImageMagick bundle.")
    return str(loader), str(home / "lib"), str(binary)


def _installed(identify_path: Path | None) -> Path:
    """Return the given binary, else the one on PATH."""
    if identify_path is not None:
        if found := shutil.which(identify_path):
            return Path(found).absolute()
        raise ImageMagickNotFound(f"{identify_path} is not an executable file.")
    for name in ("identify", "magick"):
        if found := shutil.which(name):
            return Path(found).absolute()
    raise ImageMagickNotFound("Neither identify nor magick is on PATH; install ImageMagick 6 or 7.")


def _does_everything(binary: Path) -> bool:
    """Tell whether this is version 7's single program."""
    return binary.name.startswith("magick")


def _policy_variables(directory: Path) -> dict[str, str]:
    return {"MAGICK_CONFIGURE_PATH": str(directory), "XDG_CONFIG_HOME": str(directory.parent)}
