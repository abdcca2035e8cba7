"""docs/events.md says what the code publishes, and shows the example's own code."""

import json
import re
from pathlib import Path

from domain.images.events import EventType
from entrypoints.event_schemas import VERSION, example_of, schema_of

ROOT = Path(__file__).parents[2]
EXAMPLE = ROOT / "terraform/examples/on-image-ready"
TEXT = (ROOT / "docs/events.md").read_text()


def code(language: str) -> list[str]:
    """The code blocks in a language."""
    return re.findall(rf"^```{language}\n(.*?)^```$", TEXT, re.MULTILINE | re.DOTALL)


def test_every_event_is_in_the_table() -> None:
    assert re.findall(r"^\| `([a-z]+\.[a-z]+)` \|", TEXT, re.MULTILINE) == [
        kind.value for kind in EventType
    ]


def test_the_examples_are_those_of_the_schemas() -> None:
    envelope, *details = map(json.loads, code("json"))

    assert envelope["detail"] == example_of(EventType(envelope["detail-type"]))
    shown = re.findall(r"^\[`([a-z.]+)`\]\(events/v(\d+)/([a-z.]+)\.schema\.json\)$", TEXT, re.MULTILINE)
    assert shown == [(kind.value, str(VERSION), kind.value) for kind in EventType]
    assert details == [schema_of(kind)["examples"][0] for kind in EventType]


def test_a_webhook_may_choose_each_event() -> None:
    variables = (ROOT / "terraform/modules/webhooks/variables.tf").read_text()
    [known] = re.findall(r"contains\((\[.*?\]), type\)", variables)

    assert set(json.loads(known)) == set(EventType)


def test_the_worked_example_is_the_one_that_is_tried() -> None:
    for block in code("hcl"):
        assert block in (EXAMPLE / "main.tf").read_text()
    for block in code("python"):
        assert block in (EXAMPLE / "catalogue.py").read_text()
