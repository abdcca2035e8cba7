"""A local server whose processes are killed, and which is started again each time."""

import json
import os
import random
import signal
import socket
import threading
from collections.abc import Mapping
from contextlib import suppress
from enum import StrEnum
from pathlib import Path
from typing import Any

from tests.integration.backend import Backend, LocalServer


class Victim(StrEnum):
    """What can be killed."""

    WORKER = "worker"
    """One of the handlers' processes, which the server replaces."""
    EMULATOR = "emulator"
    """The server goes on without it, until it is killed too."""
    SERVER = "server"
    """Its emulator and its workers end with it."""


def at_random(count: int, chance: random.Random) -> list[Victim]:
    """Draw so many victims, most of them workers."""
    return chance.choices([Victim.WORKER, Victim.EMULATOR, Victim.SERVER], [6, 2, 2], k=count)


class KilledServer:
    """A server with its emulator and its workers; it keeps its port, its state and what it has printed."""

    def __init__(self, state_dir: Path, environment: Mapping[str, str]) -> None:
        self._state_dir = state_dir
        self._environment = environment
        self._port = _free_port()
        self._lines: list[str] = []

    def start(self) -> Backend:
        """Start it, and wait until it answers."""
        self._server = LocalServer(self._state_dir, self._port, self._environment)
        self.backend = self._server.start()
        return self.backend

    def stop(self, number: signal.Signals = signal.SIGTERM) -> None:
        """End the server's own process; shells make what runs in their background ignore SIGINT."""
        self._server.stop(number)
        self._lines += self._server.output
        self._server.output = []

    def kill(self, victim: Victim, chance: random.Random) -> None:
        """Kill one of its processes; what does not come back by itself is started again."""
        if victim is Victim.WORKER:
            pids = workers_of(self._state_dir)
            with suppress(ProcessLookupError):
                os.kill(chance.choice(pids), signal.SIGKILL) if pids else None
            return
        if victim is Victim.EMULATOR:
            os.kill(int((self._state_dir / "ministack.pid").read_text()), signal.SIGKILL)
            # The server goes on without it for a while.
            threading.Event().wait(chance.uniform(0, 1))
        self.stop(signal.SIGKILL)
        self.start()

    def events(self) -> list[tuple[str, dict[str, Any]]]:
        """What was told to the subscribers of the bus, of which the terminal is one."""
        found = [
            line.removeprefix("event ").partition(": ")
            for line in (*self._lines, *self._server.output)
            if line[:6] == "event "
        ]
        return [(kind, json.loads(detail)) for kind, _, detail in found]


def workers_of(state_dir: Path) -> list[int]:
    """The processes of the handlers, which write into the functions' log."""
    log = str((state_dir / "functions.log").resolve())
    pids = []
    for process in Path("/proc").glob("[0-9]*"):
        try:
            if str((process / "fd" / "1").readlink()) == log:
                pids.append(int(process.name))
        except OSError:
            continue
    return pids


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port
