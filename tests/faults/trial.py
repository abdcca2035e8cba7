"""One trial: load, kills and failing requests at the same time, and what is wrong in the end."""

import os
import random
import threading
from collections.abc import Callable, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path

from tests.faults.clients import Client, Way
from tests.faults.findings import Findings, find
from tests.faults.server import KilledServer, Victim
from tests.integration.users import logged_in_user

_INJECTED = Path(__file__).parent / "injected"
_SOURCES = Path(__file__).parents[2] / "src"
_USERS = 2
_logged_in = contextmanager(logged_in_user)


@dataclass(frozen=True)
class Trial:
    """What is to happen."""

    victims: Sequence[Victim] = ()
    """What is killed, one after the other."""
    pause_s: tuple[float, float] = (0.2, 2)
    """At least and at most, before each of them."""
    share: float = 0
    """Of the functions' requests to AWS that fail."""
    seconds: float = 0
    """How long the load goes on beyond the kills."""
    patience_s: float = 120
    """How long everything may take to come to rest."""
    seed: int = 0


@dataclass(frozen=True)
class Result:
    """What has happened."""

    findings: Findings
    faults: int
    """Requests to AWS that failed."""
    promised: dict[str, int]
    """By way."""
    deleted: int
    open: int
    """Images of which nobody was promised anything when the time was over."""


def run(trial: Trial, state_dir: Path, say: Callable[[str], None] = lambda _: None) -> Result:
    """Carry it out on a new server; ``say`` is told how far it has come."""
    chance = random.Random(trial.seed)
    switch = state_dir / "faults"
    server = KilledServer(state_dir, _environment(trial, switch))
    server.start()
    stopped = threading.Event()
    try:
        with ExitStack() as stack:
            users = [stack.enter_context(_logged_in(server.backend)) for _ in range(_USERS)]
            clients = [Client(user, way, chance.randrange(2**32)) for user in users for way in Way]
            switch.touch()
            threads = [
                threading.Thread(target=client.run, args=(stopped, trial.patience_s)) for client in clients
            ]
            for thread in threads:
                thread.start()
            for number, victim in enumerate(trial.victims, start=1):
                threading.Event().wait(chance.uniform(*trial.pause_s))
                server.kill(victim, chance)
                say(f"{number} of {len(trial.victims)} killed")
            threading.Event().wait(trial.seconds)
            faults = switch.stat().st_size
            switch.unlink()
            stopped.set()
            say("waiting for the clients")
            for thread in threads:
                thread.join()
            say("waiting until everything has come to rest")
            findings = find(server.backend, clients, server.events, trial.patience_s)
    finally:
        stopped.set()
        server.stop()
    sent = [item for client in clients for item in client.sent]
    return Result(
        findings,
        faults,
        {way.value: sum(item.is_promised for item in sent if item.way is way) for way in Way},
        sum(item.is_deleted for item in sent),
        sum(not item.is_promised for item in sent),
    )


def _environment(trial: Trial, switch: Path) -> dict[str, str]:
    path = os.pathsep.join((str(_SOURCES), str(_INJECTED)))
    return {
        "PYTHONPATH": path,
        "AWS_FAULTS_WHILE": str(switch),
        "AWS_FAULTS_SHARE": str(trial.share),
    }
