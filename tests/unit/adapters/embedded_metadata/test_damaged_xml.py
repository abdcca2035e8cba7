"""Damage in XML only affects what is damaged."""

import time
from xml.sax.saxutils import escape, quoteattr

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from adapters.embedded_metadata.damaged_xml import read_damaged_xml


class Recorder:
    """Records what it receives."""

    def __init__(self) -> None:
        self.events: list[str] = []
        self.open: list[str] = []
        self.steps = 0

    def start(self, name: str, attributes: dict[str, str]) -> None:
        self.open.append(name)
        self.events.append(f"<{name}{''.join(f' {key}={value}' for key, value in attributes.items())}>")

    def end(self, name: str) -> None:
        assert self.open.pop() == name
        self.events.append(f"</{name}>")

    def end_of_outer(self, name: str) -> None:
        self.end(name)

    def characters(self, text: str) -> None:
        assert self.open
        self.events.append(text)

    def document_type(self) -> None:
        self.events.append("!")

    def markup(self, count: int = 1) -> None:
        self.steps += count


def events(document: str) -> str:
    recorder = Recorder()
    read_damaged_xml(document.encode(), recorder)
    assert recorder.open == []
    return "".join(recorder.events)


@pytest.mark.parametrize(
    ("document", "found"),
    [
        ("<a>AT&T</a>", "<a>AT&T</a>"),
        ("<a>&nbsp;&lt;&#65;&#x42;&amp;&bogus</a>", "<a>&nbsp;<AB&&bogus</a>"),
        ("<a>&#0;&#xD800;&#x110000;x</a>", "<a>   x</a>"),
        ("<a>x\0\x01\x0by\ufffe</a>", "<a>x   y </a>"),
        ("<a>1 < 2 <3</a>", "<a>1 < 2 <3</a>"),
        ("<a>]]></a>", "<a>]]></a>"),
        ("<a>x\r\ny\rz</a>", "<a>x\ny\nz</a>"),
        ('<a b="1" b="2" c="" c="3"/>', "<a b=1 c=3></a>"),
        ('<a b="1"c="2"/>', "<a b=1 c=2></a>"),
        ("<a b=1 c=2>x</a>", "<a b=1 c=2>x</a>"),
        ("<a b=1/>", "<a b=1></a>"),
        ("<a b c='2'/>", "<a c=2></a>"),
        ('<a b="x c="y">z</a>', "<a c=y>z</a>"),
        ('<a b="x><c d="y">z</c></a>', "<a><c d=y>z</c></a>"),
        ('<a b="1 < 2" c="<i>"/>', "<a b=1 < 2 c=<i>></a>"),
        ('<a b="R&D\n&quot;"/>', '<a b=R&D ">x</a>'.replace("x</a>", "</a>")),
        ("<a><b>1</c></b>2</a>", "<a><b>1</b>2</a>"),
        ("<a><b>1<c>2</a>", "<a><b>1<c>2</c></b></a>"),
        ("<a><b", "<a><b></b></a>"),
        ("<a><b c='1' d='", "<a><b c=1></b></a>"),
        ("<a/>rest<b>1</b>", "<a></a><b>1</b>"),
        ("junk<a>1</a></a></>", "<a>1</a>"),
        ("<a><!-- -- --><?x ?>1<![CDATA[<&>]]></a>", "<a>1<&></a>"),
        ("<a><!-- <b>1</b>", "<a> <b>1</b></a>"),
        ("<a><![CDATA[ <b>1</b>", "<a> <b>1</b></a>"),
        ("<a><!ELEMENT b></a>", "<a><!ELEMENT b></a>"),
        ("x<!DOCTYPE y []><a/>", "!<a></a>"),
        ("<größe 鸥='1'/>", "<größe 鸥=1></größe>"),
        ("", ""),
    ],
)
def test_damage_costs_itself(document: str, found: str) -> None:
    assert events(document) == found


names = st.from_regex(r"[a-z]{1,8}(:[A-Z][a-z]{0,8})?", fullmatch=True)
texts = st.text(
    st.characters(codec="utf-8", exclude_characters="\r\ufffe\uffff", exclude_categories=("Cc", "Cs"))
)


def _element(parts: tuple[str, dict[str, str], list[tuple[str, str]]]) -> tuple[str, str]:
    name, attributes, children = parts
    written = "".join(f" {key}={quoteattr(value)}" for key, value in attributes.items())
    read = "".join(f" {key}={value}" for key, value in attributes.items())
    inner = "".join(child for child, _ in children), "".join(child for _, child in children)
    return f"<{name}{written}>{inner[0]}</{name}>", f"<{name}{read}>{inner[1]}</{name}>"


trees = st.recursive(
    texts.map(lambda text: (escape(text), text)),
    lambda children: st.tuples(
        names, st.dictionaries(names, texts, max_size=3), st.lists(children, max_size=3)
    ).map(_element),
    max_leaves=10,
)


@settings(max_examples=50, deadline=None)
@given(tree=trees, stray=st.sampled_from(["&", "&nbsp;", "\x00", "</stray>", "< ", "<stray"]))
def test_what_is_well_formed_is_read_as_written(tree: tuple[str, str], stray: str) -> None:
    written, read = tree
    document = f"<root><first>{written}</first><second>1{stray}"

    assert events(document).startswith(f"<root><first>{read}</first><second>1")


@settings(max_examples=300, deadline=None)
@given(st.text(st.sampled_from("<>/=\"'& abc:!?-[]CDATA\0\n"), max_size=300))
def test_nothing_breaks_it(document: str) -> None:
    events(document)


@pytest.mark.parametrize(
    "part",
    [
        "<",
        "<a",
        '<a b="',
        "<a b='",
        "<a b=\"<c d='",
        "</",
        "</a",
        "<!--",
        "<?",
        "<![CDATA[",
        "<a b ",
        "&#",
        "&",
        "=\"'",
        "<a b=",
        "<a " + "b" * 50,
        "<a/",
        "<!",
        "<!DOCTYPE ",
        "<a></b>",
        "]]>",
        '<a x="1" ',
        "<a =",
        "' \"",
        "<a b=\"'",
    ],
)
def test_the_time_is_linear_in_the_length(part: str) -> None:
    def seconds(length: int) -> float:
        document = part * (length // len(part))
        recorder = Recorder()
        recorder.start = lambda *_: None  # type: ignore[method-assign]
        recorder.end_of_outer = lambda *_: None  # type: ignore[method-assign]
        recorder.end = lambda *_: None  # type: ignore[method-assign]
        recorder.characters = lambda *_: None  # type: ignore[method-assign]
        start = time.process_time()
        read_damaged_xml(document.encode(), recorder)
        return time.process_time() - start

    assert seconds(200_000) < 20 * max(seconds(20_000), 0.01)
