"""XMP properties keep their usual names and their structure, and hostile XML is not read further."""

import hashlib
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from adapters.embedded_metadata.budget import Budget
from adapters.embedded_metadata.layout import Warnings
from adapters.embedded_metadata.limits import ReaderLimits
from adapters.embedded_metadata.xmp import decode_xmp
from adapters.embedded_metadata.xmp_namespaces import PREFIXES
from domain.metadata.model import Tags

NAMESPACES = (
    'xmlns:rdf="http://www.w3.org/1999/02/22-rdf-syntax-ns#" xmlns:dc="http://purl.org/dc/elements/1.1/" '
    'xmlns:xmp="http://ns.adobe.com/xap/1.0/" xmlns:exif="http://ns.adobe.com/exif/1.0/" '
    'xmlns:stRef="http://ns.adobe.com/xap/1.0/sType/ResourceRef#" xmlns:my="http://example.org/my/" '
    'xmlns:xmpMM="http://ns.adobe.com/xap/1.0/mm/" xmlns:xmpGImg="http://ns.adobe.com/xap/1.0/g/img/"'
)


def decode(packet: bytes | str, limits: ReaderLimits | None = None) -> tuple[Tags, tuple[str, ...]]:
    warnings = Warnings(20)
    data = packet.encode() if isinstance(packet, str) else packet
    tags: Tags = {}
    decode_xmp(data, tags, Budget(limits or ReaderLimits()), warnings)
    return tags, warnings.texts


def rdf(properties: str, attributes: str = "") -> str:
    return (
        f'<x:xmpmeta xmlns:x="adobe:ns:meta/"><rdf:RDF {NAMESPACES}>'
        f'<rdf:Description rdf:about="" {attributes}>{properties}</rdf:Description></rdf:RDF></x:xmpmeta>'
    )


@pytest.mark.parametrize(
    ("properties", "value"),
    [
        ("<my:P>text &amp; 鸥</my:P>", "text & 鸥"),
        ("<my:P/>", ""),
        ('<my:P rdf:resource="http://example.org/"/>', "http://example.org/"),
        ("<my:P><rdf:Bag><rdf:li>a</rdf:li><rdf:li>b</rdf:li></rdf:Bag></my:P>", ["a", "b"]),
        ("<my:P><rdf:Seq><rdf:li>a</rdf:li></rdf:Seq></my:P>", ["a"]),
        ("<my:P><rdf:Bag/></my:P>", []),
        ("<my:P><rdf:Alt><rdf:li>a</rdf:li></rdf:Alt></my:P>", ["a"]),
        (
            (
                '<my:P><rdf:Alt><rdf:li xml:lang="x-default">a</rdf:li>'
                '<rdf:li xml:lang="de-CH">b</rdf:li></rdf:Alt></my:P>'
            ),
            {"x-default": "a", "de-ch": "b"},
        ),
        ('<my:P rdf:parseType="Resource"><my:A>1</my:A><my:B>2</my:B></my:P>', {"my:A": "1", "my:B": "2"}),
        ('<my:P rdf:parseType="Resource"><my:A>1</my:A></my:P>', {"my:A": "1"}),
        ('<my:P rdf:parseType="Resource"/>', {}),
        ("<my:P><rdf:Description><my:A>1</my:A></rdf:Description></my:P>", {"my:A": "1"}),
        ('<my:P><rdf:Description my:A="1"/></my:P>', {"my:A": "1"}),
        ('<my:P my:A="1" my:B="2"/>', {"my:A": "1", "my:B": "2"}),
        (
            '<my:P rdf:parseType="Resource"><rdf:value>1</rdf:value><my:Qualifier>q</my:Qualifier></my:P>',
            "1",
        ),
        ("<my:P><rdf:Description><rdf:value>1</rdf:value><my:Q>q</my:Q></rdf:Description></my:P>", "1"),
        ('<my:P xml:lang="de">a</my:P>', "a"),
        (
            (
                '<my:P><rdf:Seq><rdf:li rdf:parseType="Resource"><my:A>1</my:A></rdf:li>'
                '<rdf:li my:A="2"/></rdf:Seq></my:P>'
            ),
            [{"my:A": "1"}, {"my:A": "2"}],
        ),
    ],
)
def test_a_value_keeps_its_structure(properties: str, value: Any) -> None:
    assert decode(rdf(properties)) == ({"my:P": value}, ())


def test_properties_may_be_attributes() -> None:
    assert decode(rdf("", 'xmp:Rating="5" dc:format="image/jpeg"')) == (
        {"xmp:Rating": "5", "dc:format": "image/jpeg"},
        (),
    )


def test_several_descriptions_make_one_set_of_properties() -> None:
    both = rdf("<my:A>1</my:A></rdf:Description><rdf:Description><my:A>2</my:A><my:B>3</my:B>")

    assert decode(both)[0] == {"my:A": "1", "my:B": "3"}


def test_a_property_has_its_usual_prefix_regardless_of_the_file() -> None:
    assert decode(rdf('<d:title xmlns:d="http://purl.org/dc/elements/1.1/">t</d:title>'))[0] == {
        "dc:title": "t"
    }
    assert decode(rdf('<title xmlns="http://purl.org/dc/elements/1.1/">t</title>'))[0] == {"dc:title": "t"}


def test_a_usual_prefix_cannot_be_forged() -> None:
    forged = rdf('<dc:title xmlns:dc="http://example.org/forged/">t</dc:title>')
    with_space = rdf('<a:x xmlns:a="http://purl.org/dc/elements/1.1/ title">t</a:x>')

    assert decode(forged)[0] == {"{http://example.org/forged/}title": "t"}
    assert decode(with_space)[0] == {"a:x": "t"}


def test_names_without_a_prefix_keep_their_namespace() -> None:
    assert decode(rdf('<x xmlns="http://example.org/">t</x><y>t</y>'))[0] == {
        "{http://example.org/}x": "t",
        "y": "t",
    }
    long = "http://example.org/" + "x" * 300
    assert decode(rdf(f'<x xmlns="{long}">t</x>'))[0] == {f"{{{long}}}x": "t"}


def test_names_and_namespaces_beyond_the_limit_are_left_out_with_what_they_hold() -> None:
    namespace, name = "http://example.org/" + "x" * 500, "x" * 513
    packet = rdf(
        f'<long:x xmlns:long="{namespace}" my:A="1"><my:B>2</my:B></long:x><{name}>3</{name}>'
        f'<my:D my:{name}="4" my:E="5"/><my:C>6</my:C>'
    )

    assert decode(packet) == (
        {"my:D": {"my:E": "5"}, "my:C": "6"},
        ("XMP: properties whose names are longer than 512 characters were left out.",),
    )


def test_a_prefix_has_its_meaning_where_it_is_declared_and_only_there() -> None:
    inner = '<dc:A xmlns:dc="http://example.org/"><dc:B>1</dc:B></dc:A><dc:C>2</dc:C>'

    assert decode(rdf(inner))[0] == {
        "{http://example.org/}A": {"{http://example.org/}B": "1"},
        "dc:C": "2",
    }


def test_markup_is_counted_before_it_is_parsed() -> None:
    attributes = " ".join(f'my:A{number}="1"' for number in range(100))

    assert decode(rdf(f"<my:A>1</my:A><my:B {attributes}/>"), ReaderLimits(max_xml_nodes=30)) == (
        {"my:A": "1"},
        ("XMP: the packet has more than 30 elements and attributes; the rest was left out.",),
    )


def test_embedded_files_are_given_by_size_and_hash() -> None:
    data = "/9j/4AAQ"

    assert decode(rdf(f"<xmpGImg:image>{data}</xmpGImg:image>"))[0] == {
        "xmpGImg:image": {"size_bytes": 8, "sha256": hashlib.sha256(data.encode()).hexdigest()}
    }


@pytest.mark.parametrize(
    "packet",
    [
        '<?xpacket begin="\ufeff" id="W5M0MpCehiHzreSzNTczkc9d"?>\n'
        + rdf("<my:P>é</my:P>")
        + '\n<?xpacket end="w"?>',
        rdf("<my:P>é</my:P>") + " " * 2000,
        "\0\n" + rdf("<my:P>é</my:P>") + "\0\0",
        rdf("<my:P>é</my:P>").encode("utf-16"),
        rdf("<my:P>é</my:P>").encode("utf-16-be"),
        "\ufeff".encode("utf-16-be") + rdf("<my:P>é</my:P>").encode("utf-16-be"),
        rdf("<my:P>é</my:P>").encode("utf-32"),
        rdf("<my:P>é</my:P>").encode("latin-1"),
        b'<?xml version="1.0" encoding="x-unknown"?>' + rdf("<my:P>é</my:P>").encode(),
        rdf("<my:P>é</my:P>").replace("<x:xmpmeta", "<!-- c --><x:xmpmeta"),
        rdf("<my:P>é</my:P>").partition("<rdf:RDF")[1]
        + rdf("<my:P>é</my:P>").partition("<rdf:RDF")[2][:-12],
    ],
)
def test_a_packet_is_read_in_any_encoding_and_wrapping(packet: bytes | str) -> None:
    assert decode(packet) == ({"my:P": "é"}, ())


@pytest.mark.parametrize("packet", ["", "no XML", "<x/>", "<rdf:RDF/>", b"\xff\xfe", bytes(20)])
def test_something_else_than_xmp_has_no_properties(packet: bytes | str) -> None:
    assert decode(packet)[0] == {}


DAMAGED = ("XMP: the packet is not well-formed; damaged properties were left out.",)

damage = st.sampled_from(
    [
        *("\0", "\x0b", "\x1f", "\ufffe", "&", "& ", "&nbsp;", "&bogus", "&#0;", "&#xD800;", "&#x110000;"),
        *("]]>", "< ", "<3", "</my:Z>", "</", "<my:Z>", "<my:Z my:Y=>", "<my:Z my:Y='1' my:Y='2'/>", "<b"),
        *("<?", "<!--", "<!-- -- -->", "<![CDATA[", "<!x>", "<my:Z my:Y='"),
    ]
)


@settings(max_examples=200)
@given(damages=st.lists(damage, min_size=1, max_size=3), place=st.integers(0, 4))
def test_a_flaw_costs_what_is_damaged_and_nothing_else(damages: list[str], place: int) -> None:
    parts = ["", "", "<my:B>x", "", ""]
    parts[2] += "".join(damages) if place == 2 else "y"
    for at in {0, 1, 3, 4} & {place}:
        parts[at] = "".join(damages)
    first, second, third, fourth = "<my:A>1</my:A>", "</my:B>", "<my:C>3</my:C>", "<dc:title>4</dc:title>"
    packet = parts[0] + first + parts[1] + parts[2] + second + parts[3] + third + fourth + parts[4]

    tags, warnings = decode(rdf(packet))

    assert {name: tags.get(name) for name in ("my:A", "my:C", "dc:title")} == {
        "my:A": "1",
        "my:C": "3",
        "dc:title": "4",
    }
    assert warnings in ((), DAMAGED)


@given(
    flaw=st.sampled_from(
        [
            "my:B='AT&T'",
            "my:B='1 < 2'",
            "my:B='\0'",
            "my:B",
            "my:B=",
            "my:B=1",
            "my:A='2'",
            "my:B='&x;'",
            "my:B='",
        ]
    )
)
def test_a_flaw_of_an_attribute_costs_no_other(flaw: str) -> None:
    tags, warnings = decode(rdf("<my:D>4</my:D>", f"my:A='1' {flaw} my:C='3'"))

    assert {name: tags.get(name) for name in ("my:A", "my:C", "my:D")} == {
        "my:A": "1",
        "my:C": "3",
        "my:D": "4",
    }
    assert warnings == DAMAGED


@given(cut=st.integers(0, 400))
def test_a_packet_that_is_cut_off_keeps_what_is_whole(cut: int) -> None:
    packet = rdf("<my:A>1</my:A><my:B>2</my:B>" + "<my:C>3</my:C>" * 30)
    kept = packet[: -cut or None]

    tags, warnings = decode(kept)

    assert (tags.get("my:A"), tags.get("my:B")) == ("1", "2")
    assert warnings == (DAMAGED if cut else ())


@pytest.mark.parametrize(
    ("value", "read"),
    [("AT&T", "AT&T"), ("&nbsp;", "&nbsp;"), ("a\0b", "a b"), ("1 < 2", "1 < 2"), ("x]]>", "x]]>")],
)
def test_a_value_with_a_flaw_is_read_as_it_is_meant(value: str, read: str) -> None:
    assert decode(rdf(f"<my:A>{value}</my:A>")) == ({"my:A": read}, DAMAGED)


@pytest.mark.parametrize(
    ("packet", "tags"),
    [
        (b"<my:A>M\xfcnchen</my:A><my:B>Zo\xc3\xab</my:B>", {"my:A": "München", "my:B": "Zoë"}),
        (b"<my:A>\x93x\x94</my:A><my:B>\xe9\xe9\xe9</my:B>", {"my:A": "“x”", "my:B": "ééé"}),
        (b"<my:A>\xe9" + b"\xc3\xa9" * 5 + b"</my:A>", {"my:A": "éééééé"}),
        (b"<my:A>" + b"\xe9" * 20_000 + b"</my:A>", {"my:A": "é" * 20_000}),
    ],
)
def test_single_bytes_that_are_no_utf8_are_latin1(packet: bytes, tags: Tags) -> None:
    start, _, end = rdf("|").partition("|")

    assert decode(start.encode() + packet + end.encode()) == (tags, ())


def test_a_prefix_that_is_not_declared_is_the_usual_one() -> None:
    packet = (
        '<rdf:RDF><rdf:Description photoshop:City="Bern" own:A="1"><dc:title>t</dc:title></rdf:Description>'
        "</rdf:RDF>"
    )

    assert decode(packet) == ({"photoshop:City": "Bern", "own:A": "1", "dc:title": "t"}, ())


def test_a_prefix_without_a_namespace_is_the_usual_one() -> None:
    assert decode(rdf('<dc:title xmlns:dc="">t</dc:title>'))[0] == {"dc:title": "t"}


def test_a_prefix_that_is_declared_elsewhere_is_that_one() -> None:
    packet = rdf(
        '</rdf:Description><rdf:Description xmlns:d="http://purl.org/dc/elements/1.1/"><d:title>t</d:title>'
        "</rdf:Description><rdf:Description><d:format>f</d:format>"
    )

    assert decode(packet)[0] == {"dc:title": "t", "dc:format": "f"}


@pytest.mark.parametrize("uri", sorted(PREFIXES))
def test_a_namespace_has_or_lacks_its_last_slash(uri: str) -> None:
    stem = uri.rstrip("/#")
    for each in (uri, stem, f"{stem}/", f"{stem}#"):
        if PREFIXES[uri] not in {"rdf", "xml", "x"}:
            assert decode(rdf(f'<a:P xmlns:a="{each}">t</a:P>'))[0] == {f"{PREFIXES[uri]}:P": "t"}


@pytest.mark.parametrize("empty", ["<my:A/>", "<my:A> </my:A>", "<my:A><rdf:Bag/></my:A>"])
def test_an_empty_value_hides_no_later_one(empty: str) -> None:
    alternative = "<my:A><rdf:Bag><rdf:li>x</rdf:li></rdf:Bag></my:A>"

    assert decode(rdf(empty + alternative))[0] == {"my:A": ["x"]}
    assert decode(rdf(alternative + empty))[0] == {"my:A": ["x"]}
    assert decode(rdf(alternative, "my:A=''"))[0] == {"my:A": ["x"]}


@pytest.mark.parametrize(
    ("properties", "tags"),
    [
        ("<my:A>1<my:B>2</my:B>", {"my:A": "1", "my:B": "2"}),
        (
            "<my:A><rdf:Bag><rdf:li>1<rdf:li>2</rdf:Bag></my:A><my:B>3</my:B>",
            {"my:A": ["1", "2"], "my:B": "3"},
        ),
        (
            "<my:A><rdf:Bag><rdf:li>1</rdf:li></rdf:Bag><my:B>2</my:B>",
            {"my:A": ["1"], "my:B": "2"},
        ),
        ("<my:A><rdf:Bag><rdf:li>1</rdf:li></my:A><my:B>2</my:B>", {"my:A": ["1"], "my:B": "2"}),
    ],
)
def test_a_property_without_its_end_holds_no_other(properties: str, tags: Tags) -> None:
    assert decode(rdf(properties)) == (tags, DAMAGED)


def test_a_second_packet_adds_what_the_first_lacks() -> None:
    properties: Tags = {}
    budget = Budget(ReaderLimits())
    for packet in ("<my:A>1</my:A><my:B/>", "<my:A>2</my:A><my:B>2</my:B><my:C>2</my:C>"):
        decode_xmp(rdf(packet).encode(), properties, budget, Warnings(20))

    assert properties == {"my:A": "1", "my:B": "2", "my:C": "2"}


def test_damage_is_paid_for() -> None:
    damaged = rdf("<my:A>1</my:A>&" + "<my:B/>" * 2_000)
    tags, warnings = decode(damaged, ReaderLimits(max_elements=1_000))

    assert tags["my:A"] == "1"
    assert warnings == DAMAGED


@pytest.mark.parametrize(
    "doctype",
    [
        '<!DOCTYPE x [<!ENTITY a "aaaa"><!ENTITY b "&a;&a;&a;&a;">]>',
        '<!DOCTYPE x SYSTEM "file:///etc/passwd">',
        '<!DOCTYPE x [<!ENTITY f SYSTEM "file:///etc/passwd">]>',
        "<!DOCTYPE x>",
    ],
)
def test_a_document_type_ends_the_reading(doctype: str) -> None:
    assert decode(doctype + rdf("<my:P>&b;&f;</my:P>")) == (
        {},
        ("XMP: the packet has a document type declaration; the rest was left out.",),
    )


def test_what_is_beyond_a_limit_is_left_out() -> None:
    wide = rdf("<my:A>1</my:A>" + "<my:B>2</my:B>" * 40)
    deep = rdf("<my:A>1</my:A><my:B>" + "<my:C>" * 20 + "</my:C>" * 20 + "</my:B>")

    tags, warnings = decode(wide, ReaderLimits(max_xml_nodes=20))
    assert tags["my:A"] == "1"
    assert warnings == ("XMP: the packet has more than 20 elements and attributes; the rest was left out.",)
    tags, warnings = decode(deep, ReaderLimits(max_xml_depth=10))
    assert tags["my:A"] == "1"
    assert warnings == ("XMP: the packet is nested deeper than 10 levels; the rest was left out.",)
    assert decode(rdf("<my:A>12345</my:A>"), ReaderLimits(max_text_length=3)) == (
        {"my:A": "123"},
        ("XMP: my:A was cut to 3 characters.",),
    )
