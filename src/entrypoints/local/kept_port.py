"""A port that stays the same between starts, for as long as nobody else takes it."""

import socket
from contextlib import suppress
from pathlib import Path


def kept_port(file: Path, host: str) -> int:
    """Give the port that the file names, if it is free, else any free one, which it then names."""
    port = 0
    with suppress(OSError, ValueError):
        port = int(file.read_text())
    found = _bound(host, port) or _bound(host, 0)
    if found != port:
        file.write_text(f"{found}\n")
    return found


def _bound(host: str, port: int) -> int:
    """Return the port, or 0 if it is in use or is none."""
    with socket.socket() as probe, suppress(OSError, OverflowError):
        # What the last emulator's connections left behind does not count.
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        probe.bind((host, port))
        free: int = probe.getsockname()[1]
        return free
    return 0
