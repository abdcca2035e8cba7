"""Reads the licences of Debian packages from their copyright files."""

import re

from layers.imagemagick.debian import BuildError

# SPDX names for source packages whose copyright file is prose; they cover the libraries in the bundle.
_PROSE = {
    "fontconfig": ("HPND-sell-variant",),
    "gcc-14": ("GPL-3.0-or-later WITH GCC-exception-3.1",),
    "liblqr": ("LGPL-3.0-only",),
    "libx11": ("MIT", "X11"),
    "libxau": ("MIT-open-group",),
    "libxcb": ("MIT", "X11"),
    "libxdmcp": ("MIT-open-group",),
    "libxext": ("MIT-open-group", "HPND"),
}


def license_names(source: str, text: str) -> list[str]:
    """List all licences that a copyright file names for its source package, sorted.

    Reads machine-readable files (Debian's copyright format 1.0). Raises BuildError for a prose file of a
    source package without an entry here.
    """
    if text.startswith("Format:"):
        return sorted(set(re.findall(r"^License:[ \t]*(\S.*?)[ \t]*$", text, re.MULTILINE)))
    if source not in _PROSE:
        raise BuildError(
            f"the copyright file of {source} names no licence in Debian's machine-readable format"
        )
    return sorted(_PROSE[source])


def referenced_texts(text: str) -> set[str]:
    """Find the names of Debian's common licence texts that a copyright file cites, such as ``LGPL-2.1``."""
    return set(re.findall(r"/usr/share/common-licenses/([A-Za-z0-9]+(?:[.-][A-Za-z0-9]+)*)", text))
