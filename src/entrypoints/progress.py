"""A progress bar on a terminal."""

import sys
from collections.abc import Iterable, Iterator
from typing import TextIO, TypeVar

Item = TypeVar("Item")
_BAR_WIDTH = 30


def with_progress(items: Iterable[Item], total: int, terminal: TextIO) -> Iterator[Item]:
    """Yield the items and show a progress bar if this is a terminal. Other output clears it first."""
    is_shown = total > 1 and terminal.isatty()
    for done, item in enumerate(items, start=1):
        if is_shown:
            terminal.write("\r\x1b[K")
            terminal.flush()
        yield item
        if is_shown:
            sys.stdout.flush()
            filled = min(_BAR_WIDTH * done // total, _BAR_WIDTH)
            bar = "#" * filled + "-" * (_BAR_WIDTH - filled)
            terminal.write(f"[{bar}] {done}/{total}" if done < total else "")
            terminal.flush()
