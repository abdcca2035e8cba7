"""Runs one target under atheris: ``python -m fuzz.harness NAME [libFuzzer options] CORPUS…``."""

import sys

import atheris

with atheris.instrument_imports(include=["adapters", "domain"]):
    from fuzz.targets import TARGETS


def main() -> None:
    """Fuzz the target named by the first argument; the others are libFuzzer's."""
    name = sys.argv.pop(1)
    atheris.Setup(sys.argv, TARGETS[name])
    atheris.Fuzz()


if __name__ == "__main__":
    main()
