"""Writes what each function's role may do to docs/security.md, from terraform/functions.tf.

    python -m scripts.role_tables
    python -m scripts.role_tables --check

With ``--check``, nothing is written, and the exit status is 1 if the tables are out of date.
"""

import argparse
import re
import sys
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field

from scripts.terraform_docs import CONFIGURATION, Block, blocks_of

from adapters.s3.object_keys import INCOMING_PREFIX, USERS_PREFIX

DOCUMENT = CONFIGURATION.parent / "docs" / "security.md"
BEGIN, END = "<!-- roles -->", "<!-- end of roles -->"

RESOURCES = {
    "local.bucket_arn": "the bucket",
    "local.images": "`users/*` of the bucket",
    "local.incoming": "`incoming/*` of the bucket",
    "module.auth.user_pool_arn": "the user pool",
    "module.events.bus_arn": "the bus",
    "module.queue.arn": "the queue",
    "module.records.arn": "the table",
    "module.records.stream_arn": "the table's stream",
    "module.render_queue.arn": "the queue of renditions",
    "module.storage.bucket_arn": "the bucket",
}
"""The document's words for resources of the configuration."""
KEYS = {
    "${local.bucket_arn}/": "",
    "${local.images}": "users/*",
    "${local.incoming}": "incoming/*",
    "${local.users_prefix}": USERS_PREFIX,
    "${local.incoming_prefix}": INCOMING_PREFIX,
    "${local.failed_events_prefix}": "aws/lambda/",
}
"""Parts of object keys, by the expression in the configuration."""
SERVICES = {"s3": "S3", "dynamodb": "DynamoDB", "sqs": "SQS"}

_INDEX = re.compile(r'local\.indexes\["(\w+)"]')
_STATEMENT = re.compile(r"^\s*(\w+) += \{\n(.*?)^\s*\}$", re.MULTILINE | re.DOTALL)
_LIST = r"{} += \[(.*?)\]\s*$"
_SHARED = re.compile(r"local\.(\w+)(?:\.(\w+))?(?=[,)])")


class UnknownResource(Exception):
    """The configuration names a resource for which the document has no words."""


@dataclass(frozen=True)
class Statement:
    """What a role may do with some resources."""

    actions: tuple[str, ...]
    resources: tuple[str, ...]
    prefixes: tuple[str, ...] = ()


@dataclass
class Role:
    """What the role of a function may do."""

    statements: list[Statement] = field(default_factory=list)
    key_services: list[str] = field(default_factory=list)
    """The services through which it may use the key."""


def roles(blocks: list[Block]) -> dict[str, Role]:
    """Read the roles by function. Raises UnknownResource."""
    shared = {
        name: list(_statements(value))
        for block in blocks
        if block.kind == "locals"
        for name, value in block.attributes.items()
    }
    return {
        block.labels[0].removesuffix("_function"): _role(block.attributes["statements"], shared)
        for block in blocks
        if block.kind == "module" and "statements" in block.attributes
    }


def _role(written: str, shared: Mapping[str, list[Statement]]) -> Role:
    role = Role()
    names, _, _ = written.partition("{")
    for name, service in _SHARED.findall(names):
        if name == "use_key":
            role.key_services.append(SERVICES[service])
        else:
            role.statements += shared[name]
    role.statements += _statements(written)
    return role


def _statements(written: str) -> Iterator[Statement]:
    for _, body in _STATEMENT.findall(written.partition("{\n")[2]):
        if actions := _listed("actions", body):
            yield Statement(
                tuple(action.strip('"') for action in actions),
                tuple(_in_words(resource) for resource in _listed("resources", body)),
                tuple(
                    _key(prefix)
                    for found in re.findall(r'"s3:prefix" = \[(.*?)\]', body)
                    for prefix in re.findall(r'"([^"]+)"', found)
                ),
            )


def _listed(name: str, body: str) -> list[str]:
    found = re.search(_LIST.format(name), body, re.MULTILINE | re.DOTALL)
    return [item.strip() for item in re.split(r",\s*", found[1]) if item.strip()] if found else []


def _in_words(resource: str) -> str:
    if index := _INDEX.fullmatch(resource):
        return f"its index `{index[1]}`"
    if resource in RESOURCES:
        return RESOURCES[resource]
    if resource.startswith('"') and "${" not in _key(resource):
        return f"`{_key(resource[1:-1])}` of the bucket"
    raise UnknownResource(f"{resource}: scripts/role_tables.py has no words for it")


def _key(written: str) -> str:
    for part, meaning in KEYS.items():
        written = written.replace(part, meaning)
    return written


def tables(found: Mapping[str, Role]) -> str:
    """Write the roles in Markdown."""
    parts = []
    for name, role in found.items():
        if not role.statements:
            continue
        lines = [f"**{name}**", "", "| actions | resource |", "|---|---|"]
        lines += [f"| {_actions(one)} | {_object(one)} |" for one in sorted(role.statements, key=_object)]
        if role.key_services:
            lines.append(
                "| `kms:` [as below](#a-key-of-your-own), through "
                f"{_enumerated(sorted(set(role.key_services)))} | your key, if there is one |"
            )
        parts.append("\n".join(lines))
    nothing = [f"**{name}**" for name, role in found.items() if not role.statements]
    return "\n\n".join([*parts, *([f"{', '.join(nothing)}: nothing."] if nothing else [])])


def _actions(statement: Statement) -> str:
    services = {action.partition(":")[0] for action in statement.actions}
    if len(statement.actions) > 2 and len(services) == 1:
        names = ", ".join(action.partition(":")[2] for action in statement.actions)
        return f"`{services.pop()}:` {names}"
    return ", ".join(f"`{action}`" for action in statement.actions)


def _object(statement: Statement) -> str:
    prefixes = _enumerated([f"`{prefix}`" for prefix in statement.prefixes])
    under = f", prefix{'es' if len(statement.prefixes) > 1 else ''} {prefixes}" if prefixes else ""
    return _enumerated(list(statement.resources)) + under


def _enumerated(words: list[str]) -> str:
    return " and ".join(filter(None, [", ".join(words[:-1]), *words[-1:]]))


def written_into(document: str, text: str) -> str:
    """Replace the tables between the document's two markers."""
    before, _, rest = document.partition(f"{BEGIN}\n")
    return f"{before}{BEGIN}\n\n{text}\n\n{END}{rest.partition(END)[2]}"


def main() -> int:
    """Write or check the tables. Returns the exit status."""
    parser = argparse.ArgumentParser(description="Writes the functions' roles to docs/security.md.")
    parser.add_argument(
        "--check", action="store_true", help="write nothing; fail if the tables are out of date"
    )
    arguments = parser.parse_args()
    old = DOCUMENT.read_text()
    new = written_into(old, tables(roles(blocks_of(CONFIGURATION))))
    if arguments.check:
        return int(old != new)
    DOCUMENT.write_text(new)
    return 0


if __name__ == "__main__":
    sys.exit(main())
