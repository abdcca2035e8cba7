"""The documentation of the metadata agrees with the code."""

import json
from dataclasses import fields
from pathlib import Path

from adapters.embedded_metadata.limits import ReaderLimits
from domain.metadata.model import MetadataDocument
from domain.metadata.summary import documented_sources

DOCS = (Path(__file__).parents[4] / "docs" / "metadata.md").read_text()


def test_the_table_of_the_summary_is_the_code_s() -> None:
    for name, meaning, sources in documented_sources():
        listed = ", ".join(" + ".join(f"`{tag}`" for tag in tags) for tags in sources)
        assert f"| `{name}` | {meaning} | {listed} |" in DOCS


def test_every_limit_is_documented_with_its_default() -> None:
    for field in fields(ReaderLimits):
        assert f"| `{field.name}` | {field.default:,} |" in DOCS


def test_the_example_is_a_valid_document() -> None:
    example = DOCS.partition("```json\n")[2].partition("```")[0]

    document = MetadataDocument.model_validate_json(example)

    assert json.loads(document.to_json()) == json.loads(example)
