"""Programs that stand in for ``identify``, and extractors that run them."""

from pathlib import Path

from adapters.imagemagick.command import POLICY_DIRECTORY, IdentifyCommand
from adapters.imagemagick.extractor import ImageMagickMetadataExtractor
from adapters.imagemagick.process import ProcessLimits

ANSWER = "96 64 8 sRGB ImageMagick 7.1.1-43 Q16 https://imagemagick.org"
"""The answer of ``identify`` for a good image."""

READS_REFERENCES = f'case "$*" in *reference.*) echo "{ANSWER}"; exit ;; esac'
"""The start of a script that reads the reference images, and does anything with others."""


def program(folder: Path, script: str) -> IdentifyCommand:
    """A shell script in place of ``identify``."""
    path = folder / "identify"
    path.write_text(f"#!/bin/sh\n{script}\n")
    path.chmod(0o755)
    return IdentifyCommand((str(path),), {"MAGICK_CONFIGURE_PATH": str(POLICY_DIRECTORY)})


def extractor(
    command: IdentifyCommand, temporary: Path | None, limits: ProcessLimits | None = None
) -> ImageMagickMetadataExtractor:
    """An extractor that runs this command and makes its temporary directories in ``temporary``."""
    return ImageMagickMetadataExtractor(
        command,
        process_limits=limits or ProcessLimits(),
        temporary_directory=temporary,
    )
