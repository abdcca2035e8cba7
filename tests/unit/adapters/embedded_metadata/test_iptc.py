"""IPTC datasets are named, typed and decoded according to IIM 4.2."""

import hashlib

import pytest

from adapters.embedded_metadata.budget import Budget
from adapters.embedded_metadata.iptc import decode_iptc
from adapters.embedded_metadata.layout import Warnings
from adapters.embedded_metadata.limits import ReaderLimits
from domain.metadata.model import Tags
from tests.support.image_factory.iptc import dataset, iim


def decode(block: bytes, limits: ReaderLimits | None = None) -> tuple[Tags, tuple[str, ...]]:
    warnings = Warnings(20)
    return decode_iptc(block, Budget(limits or ReaderLimits()), warnings), warnings.texts


def test_datasets_have_their_names_and_types() -> None:
    assert decode(
        iim(
            [
                (1, 0, b"\0\4"), (1, 60, b"5"), (2, 0, b"\0\4"), (2, 5, b"Title"), (2, 10, b"1"),
                (2, 25, b"a;b"), (2, 25, b"c"), (2, 55, b"20210704"), (2, 80, b"Zo\xc3\xab"),
                (2, 120, b"Line\nLine"),
                (2, 202, b"preview"), (2, 99, b"?"), (3, 20, b"\0\x60"), (7, 20, b"\0\0\1\0"),
                (8, 10, b"part"),
            ]
        )
    ) == (
        {
            "ModelVersion": 4,
            "EnvelopePriority": 5,
            "RecordVersion": 4,
            "ObjectName": "Title",
            "Urgency": 1,
            "Keywords": ["a;b", "c"],
            "DateCreated": "20210704",
            "Byline": ["Zoë"],
            "CaptionAbstract": "Line\nLine",
            "ObjectDataPreviewData": {"size_bytes": 7, "sha256": hashlib.sha256(b"preview").hexdigest()},
            "2:99": "?",
            "PixelsPerLine": 96,
            "MaxSubfileSize": 256,
            "Subfile": [{"size_bytes": 4, "sha256": hashlib.sha256(b"part").hexdigest()}],
        },
        (),
    )  # fmt: skip


@pytest.mark.parametrize(
    ("announced", "name", "data", "text"),
    [
        (b"\x1b%G", "UTF-8", "Möwe".encode(), "Möwe"),
        (b"\x1b%G", "UTF-8", "Möwe".encode("latin-1"), "Möwe"),
        (b"\x1b.A", "ISO8859-1", "Möwe".encode("latin-1"), "Möwe"),
        (b"\x1b.A", "ISO8859-1", "Möwe".encode(), "MÃ¶we"),
        (b"\x1b-B", "ISO8859-2", "Łódź".encode("iso8859-2"), "Łódź"),
        (b"\x1b-L", "ISO8859-5", "Чайка".encode("iso8859-5"), "Чайка"),
        (b"\x1b-b", "ISO8859-15", "10 €".encode("iso8859-15"), "10 €"),
        (b"\x1b(Z", "\x1b(Z", "Möwe".encode(), "Möwe"),
        (None, None, "Möwe".encode(), "Möwe"),
        (None, None, "Möwe".encode("latin-1"), "Möwe"),
        (None, None, b"\x93M\xf6we\x94", "“Möwe”"),
        (None, None, b"\x81M\xf6we", "\x81Möwe"),
    ],
)
def test_text_is_decoded_as_announced_or_as_utf8_or_as_latin1(
    announced: bytes | None, name: str | None, data: bytes, text: str
) -> None:
    block = (dataset(1, 90, announced) if announced else b"") + dataset(2, 5, data) + dataset(2, 25, data)

    tags, warnings = decode(block)

    assert tags.get("CodedCharacterSet") == name
    assert (tags["ObjectName"], tags["Keywords"]) == (text, [text])
    assert warnings == ()


def test_a_dataset_that_may_not_be_repeated_but_is_has_its_last_value() -> None:
    assert decode(iim([(2, 5, b"one"), (2, 5, b"two")]))[0] == {"ObjectName": "two"}


def test_an_empty_dataset_hides_no_other() -> None:
    assert decode(iim([(2, 5, b""), (2, 5, b"one"), (2, 5, b"")]))[0] == {"ObjectName": "one"}


def test_a_number_in_letters_stays_text() -> None:
    assert decode(iim([(2, 10, b"high"), (2, 0, b"123456789")]))[0] == {
        "Urgency": "high",
        "RecordVersion": {"size_bytes": 9, "sha256": hashlib.sha256(b"123456789").hexdigest()},
    }


def test_a_long_dataset_has_an_extended_length() -> None:
    text = b"x" * 40_000

    assert decode(dataset(2, 120, text) + dataset(2, 5, b"Title")) == (
        {"CaptionAbstract": text.decode(), "ObjectName": "Title"},
        (),
    )


def test_padding_after_the_datasets_is_not_damage() -> None:
    assert decode(dataset(2, 5, b"Title") + bytes(3)) == ({"ObjectName": "Title"}, ())


@pytest.mark.parametrize(
    ("damage", "warning"),
    [
        (b"\x1c\2\5\0\x10short", "IPTC: a dataset is cut short; it was left out."),
        (b"\x1c\2\5\x80\x04\xff\xff\xff\xffx", "IPTC: a dataset is cut short; it was left out."),
        (b"\x1c\2\5\xff\xffx", "IPTC: the block is damaged; what follows the damage was left out."),
        (b"garbage", "IPTC: the block is damaged; what follows the damage was left out."),
    ],
)
def test_what_precedes_damage_is_kept(damage: bytes, warning: str) -> None:
    assert decode(dataset(2, 5, b"Title") + damage) == ({"ObjectName": "Title"}, (warning,))


def test_what_is_beyond_a_limit_is_left_out() -> None:
    block = iim([(2, 25, b"abcdef"), (2, 25, b"b"), (2, 25, b"c")])

    assert decode(block, ReaderLimits(max_iptc_datasets=2, max_text_length=3)) == (
        {"Keywords": ["abc", "b"]},
        ("IPTC: Keywords was cut to 3 characters.", "IPTC: datasets beyond the first 2 were left out."),
    )
