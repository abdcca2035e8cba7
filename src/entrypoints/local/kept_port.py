"""A port that stays the same between runs, as long as no other program takes it."""

import socket
from contextlib import suppress
from pathlib import Path


def kept_port(file: Path, host: str) -> int:
    """Return the port in the file if it is free; otherwise any free port, which is written to the file."""
    port = 0
    with suppress(OSError, ValueError):
        port = int(file.read_text())
    found = _bound(host, port) or _bound(host, 0)
    if found != port:
        file.write_text(f"{found}\n")
    return found


def _bound(host: str, port: int) -> int:
    """Return the port, or 0 if it is in use or invalid."""
    with socket.socket() as probe, suppress(OSError, OverflowError):
        # Closed connections of the last emulator must not block the port.
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        probe.bind((host, port))
        free: int = probe.getsockname()[1]
        return free
    return 0
