"""Loads the programs that the documents show, which belong to no package."""

import importlib.util
from pathlib import Path
from types import ModuleType


def load_program(path: Path) -> ModuleType:
    """Run the file as a new module of its name, and return it."""
    spec = importlib.util.spec_from_file_location(path.stem, path)
    assert spec
    assert spec.loader
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module
