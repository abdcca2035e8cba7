"""Decodes IPTC-IIM (version 4.2): a series of datasets, each with a record and dataset number and bytes."""

import hashlib
from collections.abc import Callable, Iterator
from contextlib import suppress

from pydantic import JsonValue

from adapters.embedded_metadata.budget import Budget, BudgetSpent
from adapters.embedded_metadata.iptc_datasets import DATASETS, Dataset, Kind
from adapters.embedded_metadata.layout import Warnings
from adapters.embedded_metadata.text import decode_latin, decode_text, limit_text, text_bytes_of
from domain.metadata.model import Tags

_TAG_MARKER = 0x1C
_EXTENDED = 0x8000
_CHARACTER_SET = (1, 90)
_TEXT_RECORDS = range(2, 7)
"""The records that the character set of 1:90 applies to (IIM chapter 5)."""
_MAX_NUMBER_BYTES = 8

_CHARACTER_SETS = {
    b"\x1b%G": "utf-8",
    b"\x1b%/G": "utf-8",
    b"\x1b%/H": "utf-8",
    b"\x1b%/I": "utf-8",
    b"\x1b.A": "iso8859-1",
    b"\x1b-A": "iso8859-1",
    b"\x1b-B": "iso8859-2",
    b"\x1b-C": "iso8859-3",
    b"\x1b-D": "iso8859-4",
    b"\x1b-L": "iso8859-5",
    b"\x1b-G": "iso8859-6",
    b"\x1b-F": "iso8859-7",
    b"\x1b-H": "iso8859-8",
    b"\x1b-M": "iso8859-9",
    b"\x1b-b": "iso8859-15",
}
"""Encodings by escape sequence in 1:90 (ISO 2022, ISO-IR registry)."""


def decode_iptc(block: bytes, budget: Budget, warnings: Warnings) -> Tags:
    """Decode the datasets by name, or by ``record:dataset`` if they have none.

    Repeatable datasets are always lists. Text is decoded as 1:90 says, else as UTF-8, else as Latin-1. If
    a dataset is repeated contrary to the standard, the last value that is not empty is used.
    """
    tags: Tags = {}
    # Keep what was read before the budget ran out.
    with suppress(BudgetSpent):
        _read(block, tags, budget, warnings)
    return tags


def _read(block: bytes, tags: Tags, budget: Budget, warnings: Warnings) -> None:
    decode: Callable[[bytes], str] = decode_text
    for number, place in _datasets(block, budget, warnings):
        budget.charge_elements()
        if number == _CHARACTER_SET:
            data = text_bytes_of(block, place.start, place.stop, budget)
            encoding = _CHARACTER_SETS.get(data)
            decode = _decoder(encoding)
            text = encoding.upper() if encoding else decode_text(data)
            text = limit_text(text, "IPTC: CodedCharacterSet", budget, warnings)
            budget.keep(tags, "CodedCharacterSet", text)
            continue
        dataset = DATASETS.get(number) or Dataset("{}:{:02}".format(*number))
        text_decoder = decode if number[0] in _TEXT_RECORDS else decode_text
        value = _value(dataset, block, place, text_decoder, budget)
        if isinstance(value, str):
            value = limit_text(value, f"IPTC: {dataset.name}", budget, warnings)
        if dataset.repeatable:
            budget.append(tags, dataset.name, value)
        elif value != "" or not tags.get(dataset.name):
            budget.keep(tags, dataset.name, value)


def _datasets(block: bytes, budget: Budget, warnings: Warnings) -> Iterator[tuple[tuple[int, int], range]]:
    """Yield the number of each dataset and the range of its bytes."""
    offset = 0
    for _ in range(budget.limits.max_iptc_datasets):
        header = block[offset : offset + 5]
        if len(header) < 5 or header[0] != _TAG_MARKER:
            if header.strip(b"\0"):
                warnings.add("IPTC: the block is damaged; what follows the damage was left out.")
            return
        size, start = int.from_bytes(header[3:], "big"), offset + 5
        if size & _EXTENDED:
            length = size & ~_EXTENDED
            if length > _MAX_NUMBER_BYTES:
                warnings.add("IPTC: the block is damaged; what follows the damage was left out.")
                return
            size = int.from_bytes(block[start : start + length], "big")
            start += length
        if start + size > len(block):
            warnings.add("IPTC: a dataset is cut short; it was left out.")
            return
        yield (header[1], header[2]), range(start, start + size)
        offset = start + size
    if offset < len(block):
        warnings.add(f"IPTC: datasets beyond the first {budget.limits.max_iptc_datasets} were left out.")


def _decoder(encoding: str | None) -> Callable[[bytes], str]:
    if encoding is None:
        return decode_text

    def decode(data: bytes) -> str:
        try:
            return data.decode(encoding)
        except UnicodeDecodeError:
            return decode_text(data)

    return decode_latin if encoding == "iso8859-1" else decode


def _value(
    dataset: Dataset, block: bytes, place: range, decode: Callable[[bytes], str], budget: Budget
) -> JsonValue:
    is_number = dataset.kind is Kind.BINARY_NUMBER and len(place) <= _MAX_NUMBER_BYTES
    if dataset.kind is Kind.OPAQUE or (dataset.kind is Kind.BINARY_NUMBER and not is_number):
        budget.charge_decoding(len(place))
        digest = hashlib.sha256(memoryview(block)[place.start : place.stop])
        return {"size_bytes": len(place), "sha256": digest.hexdigest()}
    if is_number:
        return int.from_bytes(block[place.start : place.stop], "big")
    text = decode(text_bytes_of(block, place.start, place.stop, budget).rstrip(b"\0"))
    if (
        dataset.kind is Kind.DIGITS
        and text.isdecimal()
        and text.isascii()
        and len(text) < _MAX_NUMBER_BYTES
    ):
        return int(text)
    return text
