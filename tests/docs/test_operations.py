"""The runbook has an entry for each alarm, and for nothing else."""

import re
from pathlib import Path

ROOT = Path(__file__).parents[2]
MODULE = (ROOT / "terraform/modules/observability/main.tf").read_text()
RUNBOOK = (ROOT / "docs/operations.md").read_text()


def alarms() -> set[str]:
    maps = [
        MODULE.partition(f"  {kind}_alarms = {{\n")[2].partition("\n  }\n")[0] for kind in ("queue", "sum")
    ]
    return {
        *re.findall(r'alarm_name\s+= "\$\{var\.name}-([a-z-]+)"', MODULE),
        *(f"{name}-<webhook>" for name in re.findall(r'"\$\{var\.name}-([a-z]+)-\$\{each\.key}"', MODULE)),
        *(f"<function>-{name}" for name in re.findall(r'"\$\{key}-([a-z-]+)" = \{', MODULE)),
        *re.findall(r"^    ([a-z-]+) = \{$", "\n".join(maps), re.MULTILINE),
    }


def test_each_alarm_has_its_entry() -> None:
    assert len(alarms()) > 12
    assert set(re.findall(r"^### `…-([a-z<>-]+)`$", RUNBOOK, re.MULTILINE)) == alarms()
