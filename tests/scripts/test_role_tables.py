"""The security document describes the functions' roles as the configuration defines them."""

import re
from pathlib import Path

import pytest
from scripts.role_tables import DOCUMENT, UnknownResource, roles, tables, written_into
from scripts.terraform_docs import CONFIGURATION, Block, blocks_of


def test_the_document_has_the_roles_of_the_configuration() -> None:
    document = DOCUMENT.read_text()

    assert document == written_into(document, tables(roles(blocks_of(CONFIGURATION)))), (
        "make terraform-docs writes it"
    )


def test_every_statement_of_the_configuration_is_found() -> None:
    found = roles(blocks_of(CONFIGURATION))
    named = {action for role in found.values() for one in role.statements for action in one.actions}

    text = (CONFIGURATION / "functions.tf").read_text()
    assert named == set(re.findall(r'"((?:cognito-idp|dynamodb|events|s3|sqs):[A-Z]\w+)"', text))


def configuration(folder: Path, statements: str) -> list[Block]:
    (folder / "main.tf").write_text(f'module "f_function" {{\n  statements = {statements}\n}}\n')
    return blocks_of(folder)


def test_shared_statements_conditions_and_the_key_are_documented(tmp_path: Path) -> None:
    (tmp_path / "locals.tf").write_text(
        'locals {\n  list = {\n    List = {\n      actions = ["s3:ListBucket"]\n'
        "      resources = [local.bucket_arn]\n"
        '      conditions = { StringLike = { "s3:prefix" = ["users/*"] } }\n    }\n  }\n}\n'
    )
    blocks = configuration(
        tmp_path,
        "merge(local.list, local.use_key.s3, {\n    Send = {\n"
        '      actions = ["sqs:SendMessage"]\n      resources = [module.queue.arn]\n    }\n  })',
    )

    written = tables(roles(blocks))

    assert "| `s3:ListBucket` | the bucket, prefix `users/*` |" in written
    assert "| `sqs:SendMessage` | the queue |" in written
    assert "through S3 | your key" in written


def test_a_resource_without_words_is_refused(tmp_path: Path) -> None:
    blocks = configuration(
        tmp_path,
        'merge({\n    Any = {\n      actions = ["s3:GetObject"]\n      resources = [local.x]\n    }\n  })',
    )

    with pytest.raises(UnknownResource, match=r"local\.x"):
        roles(blocks)
