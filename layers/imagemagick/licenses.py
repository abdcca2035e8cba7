"""The licences of Debian packages, as their copyright files state them."""

import re

from layers.imagemagick.debian import BuildError

# Of source packages whose copyright file is prose: the SPDX names of what covers the libraries we take.
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
    """The licences that a copyright file names for any part of its source package, sorted.

    Machine-readable files (Debian's copyright format 1.0) are read. Raises BuildError for prose from
    a source package that nobody has looked at.
    """
    if text.startswith("Format:"):
        return sorted(set(re.findall(r"^License:[ \t]*(\S.*?)[ \t]*$", text, re.MULTILINE)))
    if source not in _PROSE:
        raise BuildError(
            f"the copyright file of {source} names no licence in Debian's machine-readable format"
        )
    return sorted(_PROSE[source])


def referenced_texts(text: str) -> set[str]:
    """Names, such as ``LGPL-2.1``, of the licence texts in Debian's base that a copyright file cites."""
    return set(re.findall(r"/usr/share/common-licenses/([A-Za-z0-9]+(?:[.-][A-Za-z0-9]+)*)", text))
