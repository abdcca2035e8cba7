"""Programs that stand in for ``convert``, and renderers that run them."""

from pathlib import Path

from adapters.imagemagick.command import RENDERING_POLICY_DIRECTORY, ConvertCommand
from adapters.imagemagick.process import ProcessLimits
from adapters.imagemagick.renderer import ImageMagickRenderer
from tests.support.image_factory import photo

PICTURE = "picture.webp"
"""A picture for the script to write, in the program's directory."""

RENDERS_REFERENCES = 'case "$*" in *reference.*) cat "$PICTURE"; exit ;; esac'
"""The start of a script that renders the reference images, and does anything with others."""


def program(folder: Path, script: str) -> ConvertCommand:
    """A shell script in place of ``convert``; in it, ``$PICTURE`` is the path of a small WebP."""
    (folder / PICTURE).write_bytes(photo("webp-plain.webp").content)
    path = folder / "convert"
    path.write_text(f'#!/bin/sh\nPICTURE="{folder / PICTURE}"\n{script}\n')
    path.chmod(0o755)
    return ConvertCommand((str(path),), {"MAGICK_CONFIGURE_PATH": str(RENDERING_POLICY_DIRECTORY)})


def renderer(
    command: ConvertCommand, temporary: Path | None, limits: ProcessLimits | None = None
) -> ImageMagickRenderer:
    """A renderer that runs this command and makes its temporary directories in ``temporary``."""
    if limits is None:
        return ImageMagickRenderer(command, temporary_directory=temporary)
    return ImageMagickRenderer(command, process_limits=limits, temporary_directory=temporary)
