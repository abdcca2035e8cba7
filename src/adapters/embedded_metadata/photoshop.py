"""Reads Photoshop image resources (Adobe Photoshop File Formats Specification), which wrap other blocks."""

from contextlib import suppress

from adapters.embedded_metadata.budget import Budget, BudgetSpent
from adapters.embedded_metadata.byte_source import BlockSource
from adapters.embedded_metadata.layout import Layout, Warnings

_IPTC, _ICC, _EXIF, _XMP, _IPTC_DIGEST = 0x0404, 0x040F, 0x0422, 0x0424, 0x0425
_BLOCKS = frozenset({_IPTC, _ICC, _EXIF, _XMP, _IPTC_DIGEST})
_SIGNATURES = frozenset({b"8BIM", b"PHUT", b"AgHg", b"DCSR", b"MeSa"})


def read_image_resources(block: bytes, layout: Layout, budget: Budget, warnings: Warnings) -> None:
    """Add the EXIF and XMP blocks among the resources, and IPTC and ICC if the file has none yet."""
    # Keep what was found before the budget ran out.
    with suppress(BudgetSpent):
        _read(block, layout, budget, warnings)


def _read(block: bytes, layout: Layout, budget: Budget, warnings: Warnings) -> None:
    offset = 0
    for _ in range(budget.limits.max_structures):
        if block[offset : offset + 4] not in _SIGNATURES:
            break
        budget.charge_elements()
        resource = int.from_bytes(block[offset + 4 : offset + 6], "big")
        # A Pascal string and the data are each padded to an even length.
        name_length = block[offset + 6] if offset + 6 < len(block) else 0
        offset += 6 + (name_length + 2) // 2 * 2
        size = int.from_bytes(block[offset : offset + 4], "big")
        start = offset + 4
        if start + size > len(block):
            warnings.add("Photoshop: the image resources are cut short.")
        if resource in _BLOCKS:
            budget.charge_decoding(min(size, len(block) - start))
            _keep(resource, block[start : start + size], layout)
        offset = start + (size + 1) // 2 * 2


def _keep(resource: int, data: bytes, layout: Layout) -> None:
    if resource == _IPTC:
        layout.iptc = layout.iptc or data
    elif resource == _ICC:
        layout.icc = layout.icc or data
    elif resource == _IPTC_DIGEST:
        layout.iptc_digest = layout.iptc_digest or data
    elif resource == _EXIF:
        layout.exif.append(BlockSource(data))
    else:
        layout.xmp.append(data)
