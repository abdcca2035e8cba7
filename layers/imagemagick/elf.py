"""Reads the headers of ELF files (System V gABI)."""

from dataclasses import dataclass
from pathlib import Path

from elftools.elf.dynamic import DynamicSection
from elftools.elf.elffile import ELFFile
from elftools.elf.segments import InterpSegment


@dataclass(frozen=True)
class Binary:
    """The machine of a program or shared library, and what it needs to be loaded.

    ``machine`` is the gABI's name, such as ``EM_AARCH64``; ``needed`` are the DT_NEEDED entries in
    order; ``interpreter`` is the path of the dynamic loader, which only programs have.
    """

    machine: str
    needed: tuple[str, ...]
    interpreter: str | None


def read_binary(path: Path) -> Binary:
    """Read the headers. Raises elftools.common.exceptions.ELFError if the file is not ELF."""
    with path.open("rb") as stream:
        elf = ELFFile(stream)
        interpreters = [s.get_interp_name() for s in elf.iter_segments() if isinstance(s, InterpSegment)]
        dynamic = elf.get_section_by_name(".dynamic")
        tags = dynamic.iter_tags("DT_NEEDED") if isinstance(dynamic, DynamicSection) else ()
        needed = tuple(tag.needed for tag in tags)  # type: ignore[attr-defined] # set for this kind of tag
        return Binary(elf["e_machine"], needed, next(iter(interpreters), None))
