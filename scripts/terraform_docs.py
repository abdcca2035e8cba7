"""Writes the requirements, resources, inputs and outputs of each Terraform module into its README.md.

    python -m scripts.terraform_docs
    python -m scripts.terraform_docs --check

The tables are those of https://terraform-docs.io (markdown table), between its two markers; the text around
them is not changed. The files must be formatted with ``terraform fmt``. With ``--check``, nothing is
written, and the exit status is 1 if a table is out of date.
"""

import argparse
import re
import sys
import textwrap
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path

CONFIGURATION = Path(__file__).resolve().parent.parent / "terraform"
BEGIN, END = "<!-- BEGIN_TF_DOCS -->", "<!-- END_TF_DOCS -->"
REGISTRY = "https://registry.terraform.io/providers/hashicorp/aws/latest/docs"

_BLOCK = re.compile(r'^(\w+)((?: "[\w-]+")*) \{(?:\}|\n(.*?)^\})', re.MULTILINE | re.DOTALL)
_HEREDOC = re.compile(r"<<-?(\w+)\n(.*?)\n\s*\1$", re.DOTALL)
_REQUIREMENT = re.compile(r'(required_version|version) += "([^"]+)"')


@dataclass(frozen=True)
class Block:
    """A block of a configuration: its kind, its labels, and its attributes as written."""

    kind: str
    labels: tuple[str, ...]
    attributes: dict[str, str]
    body: str

    @property
    def description(self) -> str:
        """The block's description on one line; empty if there is none."""
        written = self.attributes.get("description", '""')
        if heredoc := _HEREDOC.match(written):
            return " ".join(textwrap.dedent(heredoc[2]).split())
        return written[1:-1].replace('\\"', '"')


def blocks_of(module: Path) -> list[Block]:
    """Parse the blocks of all files of a module."""
    return [
        Block(kind, tuple(re.findall(r'"([\w-]+)"', labels)), dict(_attributes(body)), body)
        for file in sorted(module.glob("*.tf"))
        for kind, labels, body in _BLOCK.findall(file.read_text())
    ]


def _attributes(body: str) -> Iterator[tuple[str, str]]:
    """Yield the attributes of a block; a value ends at the next line with the attribute's indentation."""
    name, lines = "", list[str]()
    for line in body.splitlines():
        if begins := re.match(r"^  (?:(\w+) += (.*)|\w.* \{|#.*)$", line):
            if name:
                yield name, "\n".join(lines).rstrip()
            name, lines = begins[1] or "", [begins[2] or ""]
        else:
            lines.append(line)
    if name:
        yield name, "\n".join(lines).rstrip()


def tables(module: Path) -> str:
    """Write the tables of a module in Markdown."""
    blocks = blocks_of(module)

    def of_kind(kind: str) -> list[Block]:
        return sorted((block for block in blocks if block.kind == kind), key=lambda block: block.labels)

    sections = [
        _table("Requirements", ["Name", "Version"], _requirements(of_kind("terraform"))),
        _table("Modules", ["Name", "Source"], map(_module, of_kind("module"))),
        _table("Resources", ["Name", "Type"], map(_resource, of_kind("resource") + of_kind("data"))),
        _table(
            "Inputs",
            ["Name", "Description", "Type", "Default", "Required"],
            map(_input, of_kind("variable")),
        ),
        _table("Outputs", ["Name", "Description"], map(_output, of_kind("output"))),
    ]
    return "\n\n".join(filter(None, sections))


def _table(title: str, columns: list[str], rows: Iterable[tuple[str, ...]]) -> str:
    lines = [f"| {' | '.join(row)} |" for row in rows]
    if not lines:
        return ""
    rule = "|".join(":--------:" if column == "Required" else "-" * (len(column) + 2) for column in columns)
    return "\n".join([f"## {title}", "", f"| {' | '.join(columns)} |", f"|{rule}|", *lines])


def _requirements(settings: list[Block]) -> Iterator[tuple[str, ...]]:
    for block in settings:
        for keyword, version in _REQUIREMENT.findall(block.body):
            name = "terraform" if keyword == "required_version" else "aws"
            yield _anchored("requirement", name), version


def _module(block: Block) -> tuple[str, ...]:
    return _anchored("module", block.labels[0]), block.attributes["source"].strip('"')


def _resource(block: Block) -> tuple[str, ...]:
    kind, name = block.labels
    folder = "resources" if block.kind == "resource" else "data-sources"
    page = f"{REGISTRY}/{folder}/{kind.removeprefix('aws_')}"
    shown = f"{kind}.{name}".replace("_", r"\_")
    return f"[{shown}]({page})", "resource" if block.kind == "resource" else "data source"


def _input(block: Block) -> tuple[str, ...]:
    default = block.attributes.get("default")
    return (
        _anchored("input", block.labels[0]),
        _escaped(block.description),
        _code(block.attributes["type"]),
        "n/a" if default is None else _code(default),
        "yes" if default is None else "no",
    )


def _output(block: Block) -> tuple[str, ...]:
    return _anchored("output", block.labels[0]), _escaped(block.description)


def _anchored(kind: str, name: str) -> str:
    escaped = name.replace("_", r"\_")
    return f'<a name="{kind}_{name}"></a> [{escaped}](#{kind}\\_{escaped})'


def _escaped(text: str) -> str:
    return re.sub(r"([_*|<>])", r"\\\1", text)


def _code(expression: str) -> str:
    if "\n" not in expression:
        return f"`{expression}`".replace("|", r"\|")
    lines = textwrap.dedent(expression.replace("\n  ", "\n"))
    return "<pre>" + lines.replace("<", "&lt;").replace("|", r"\|").replace("\n", "<br/>") + "</pre>"


def documented(module: Path) -> str:
    """Return the README of a module with up-to-date tables."""
    readme = module / "README.md"
    before, marker, rest = readme.read_text().partition(BEGIN)
    if not marker or END not in rest:
        raise ValueError(f"{readme} lacks {BEGIN} or {END}")
    return f"{before}{BEGIN}\n{tables(module)}\n{END}{rest.partition(END)[2]}"


def modules() -> list[Path]:
    """List the documented directories: the configuration, its modules and the examples."""
    return [
        CONFIGURATION,
        *sorted(CONFIGURATION.glob("modules/*/")),
        *sorted(CONFIGURATION.glob("examples/*/")),
    ]


def main() -> int:
    """Write or check the documentation. Returns the exit status."""
    parser = argparse.ArgumentParser(description="Writes the tables of the modules' READMEs.")
    parser.add_argument(
        "--check", action="store_true", help="write nothing; fail if a table is out of date"
    )
    check: bool = parser.parse_args().check
    outdated = [module for module in modules() if (module / "README.md").read_text() != documented(module)]
    for module in outdated:
        if check:
            sys.stderr.write(f"{module / 'README.md'} is out of date: make terraform-docs\n")
        else:
            (module / "README.md").write_text(documented(module))
    return 1 if check and outdated else 0


if __name__ == "__main__":
    sys.exit(main())
