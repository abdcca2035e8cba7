"""What users of the API paste into a shell works with the commands of Linux and of macOS."""

import re
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
DOCUMENTS = (
    "README.md",
    "docs/accounts.md",
    "docs/events.md",
    "docs/images.md",
    "docs/metadata.md",
    "docs/uploads.md",
)

# Commands that macOS does not have, and options that its commands do not know.
ELSEWHERE_MISSING = re.compile(
    r"""\b(?:
        (?:sha\d+sum|md5sum|nproc|numfmt|shuf|tac|timeout|setsid|realpath|getent|free|ss|ip)\b
      | stat\s+(?:-c|--)
      | date\s+(?:-d|--|-I)
      | base64\s+(?:-w|--)
      | sed\s+(?:-i\s+['"]|-r\b|--)
      | grep\s+(?:-\w*P|--)
      | head\s+-[cn]\s*-\d
      | split\s+(?:-d|--)
      | readlink\s+-[em]
      | xargs\s+(?:-d|-r)
      | (?:du|sort|tar|mktemp|wc|cut|find)\s+--
    )""",
    re.VERBOSE,
)


def shell_code(document: str) -> str:
    """All shell commands of a document."""
    text = (ROOT / document).read_text()
    return "".join(re.findall(r"^```sh\n(.*?)^```$", text, re.MULTILINE | re.DOTALL))


@pytest.mark.parametrize("document", DOCUMENTS)
def test_commands_work_on_macos_too(document: str) -> None:
    assert ELSEWHERE_MISSING.findall(shell_code(document)) == []


@pytest.mark.parametrize(
    "command",
    ["sha256sum < photo.jpg", "stat -c %s photo.jpg", "date -d tomorrow", "base64 -w0", "grep -oP x"],
)
def test_commands_that_only_linux_has_are_found(command: str) -> None:
    assert ELSEWHERE_MISSING.search(command)
