"""The unit tests lie as the sources do: whoever looks for a module's tests knows where."""

from pathlib import Path

UNIT = Path(__file__).parent
SOURCES = UNIT.parents[1] / "src"

OF_SEVERAL_MODULES = {
    "adapters/dynamodb/failures",
    "adapters/embedded_metadata/budget_properties",
    "adapters/embedded_metadata/layouts",
    "adapters/embedded_metadata/parser_properties",
    "adapters/embedded_metadata/several_blocks",
    "adapters/s3/failures",
    "domain/metadata/documentation",
    "domain/use_cases",
    "entrypoints/composition/wiring",
    "entrypoints/functions/imports",
    "entrypoints/functions/origin_secret",
    "entrypoints/http/account_routes",
}
"""What is tested of the modules of a package together."""


def test_every_file_of_tests_is_named_after_what_it_tests() -> None:
    tested = {
        str(path.relative_to(UNIT).with_name(path.stem.removeprefix("test_")))
        for path in UNIT.rglob("test_*.py")
        if path != Path(__file__)
    }
    modules = {str(path.relative_to(SOURCES).with_suffix("")) for path in SOURCES.rglob("*.py")}
    packages = {str(Path(module).parent) for module in modules}

    assert tested - modules - packages == OF_SEVERAL_MODULES
    assert {str(Path(name).parent) for name in OF_SEVERAL_MODULES} <= packages
