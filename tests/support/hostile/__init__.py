"""Makes hostile files, each with its allowed outcomes.

``hostile_files()`` lists them. ``python -m tests.support.hostile DIR`` writes them into a folder.
"""

from functools import cache

from tests.support.hostile.bombs import bombs
from tests.support.hostile.case import Accepted, HostileFile
from tests.support.hostile.exif_abuse import exif_abuse
from tests.support.hostile.icc_abuse import icc_abuse
from tests.support.hostile.iptc_abuse import iptc_abuse
from tests.support.hostile.isobmff_abuse import isobmff_abuse
from tests.support.hostile.pseudo_images import polyglots, pseudo_images
from tests.support.hostile.structure_abuse import structure_abuse
from tests.support.hostile.truncations import truncations
from tests.support.hostile.xmp_abuse import xmp_abuse


@cache
def hostile_files() -> tuple[HostileFile, ...]:
    """All hostile files, in a stable order. Their bytes are made when they are first asked for."""
    return (
        *bombs(),
        *truncations(),
        *pseudo_images(),
        *polyglots(),
        *structure_abuse(),
        *exif_abuse(),
        *iptc_abuse(),
        *xmp_abuse(),
        *icc_abuse(),
        *isobmff_abuse(),
    )


__all__ = ["Accepted", "HostileFile", "hostile_files"]
