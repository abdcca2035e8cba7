"""The documentation of the Terraform modules is up to date and complete."""

from pathlib import Path

import pytest
from scripts.terraform_docs import blocks_of, documented, modules, tables

MODULE = """\
terraform {
  required_version = ">= 1.9.0"
}

data "aws_partition" "current" {}

variable "limits" {
  description = <<-EOT
    What an image may be at most,
    a | b.
  EOT
  type = object({
    size = optional(number, 1) # in bytes

    side = number
  })
  # Nothing else is needed.
  default  = { size = 1 }
  nullable = false

  validation {
    condition     = var.limits.size > 0
    error_message = "Positive."
  }
}

variable "name" {
  description = "The \\"name\\"."
  type        = string
}

output "it" {
  description = "It."
  value       = var.name
}
"""


@pytest.fixture
def module(tmp_path: Path) -> Path:
    (tmp_path / "main.tf").write_text(MODULE)
    return tmp_path


def test_a_variable_is_shown_with_its_type_and_default(module: Path) -> None:
    assert (
        '| <a name="input_limits"></a> [limits](#input\\_limits) | What an image may be at most, '
        "a \\| b. | "
        "<pre>object({<br/>  size = optional(number, 1) # in bytes<br/><br/>  side = number<br/>})</pre> | "
        "`{ size = 1 }` | no |"
    ) in tables(module)


def test_a_variable_without_a_default_is_required(module: Path) -> None:
    assert '[name](#input\\_name) | The "name". | `string` | n/a | yes |' in tables(module)


def test_outputs_data_sources_and_versions_are_shown(module: Path) -> None:
    shown = tables(module)
    assert '| <a name="output_it"></a> [it](#output\\_it) | It. |' in shown
    assert "[aws\\_partition.current](" in shown
    assert "[terraform](#requirement\\_terraform) | >= 1.9.0 |" in shown
    assert "## Modules" not in shown


def test_what_stands_around_the_tables_stays(module: Path) -> None:
    (module / "README.md").write_text(
        "# Mine\n\n<!-- BEGIN_TF_DOCS -->\nold\n<!-- END_TF_DOCS -->\n\nLast.\n"
    )
    text = documented(module)
    assert text.startswith("# Mine\n\n<!-- BEGIN_TF_DOCS -->\n## Requirements")
    assert text.endswith("<!-- END_TF_DOCS -->\n\nLast.\n")
    assert "old" not in text


@pytest.mark.parametrize("folder", modules(), ids=lambda folder: folder.name)
def test_the_readme_of_a_module_is_up_to_date(folder: Path) -> None:
    assert (folder / "README.md").read_text() == documented(folder), "make terraform-docs writes it"


@pytest.mark.parametrize("folder", modules(), ids=lambda folder: folder.name)
def test_every_variable_is_described_and_typed_and_every_output_described(folder: Path) -> None:
    documented_blocks = [block for block in blocks_of(folder) if block.kind in {"variable", "output"}]
    assert [block.labels for block in documented_blocks if not block.description] == []
    assert [
        b.labels for b in documented_blocks if b.kind == "variable" and "type" not in b.attributes
    ] == []
