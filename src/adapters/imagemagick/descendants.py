"""Finds and ends what a program has left behind: its children, theirs, and those that left its session.

Linux only; elsewhere nothing is found. See prctl(2), PR_SET_CHILD_SUBREAPER, and proc(5).
"""

import contextlib
import ctypes
import os
import signal
import time
from functools import cache
from pathlib import Path

RUN_VARIABLE = "CONFINED_RUN"
"""The environment variable by which the descendants of one run are known, wherever they went."""

_PR_SET_CHILD_SUBREAPER = 36
_TASKS = Path("/proc/self/task")
_PATIENCE_S = 5.0
"""How long the end of what was killed is awaited."""
_EXEC_PATIENCE_S = 0.5
"""How long a process may show no environment, as each does while it begins to run another program."""
_ROUND_S = 0.002


def adopt_orphans() -> None:
    """Make this process, rather than the system's first, the parent of its descendants' orphans."""
    with contextlib.suppress(OSError, AttributeError):  # not Linux
        # Again for each run, since a fork does not inherit it.
        _c_library().prctl(_PR_SET_CHILD_SUBREAPER, 1, 0, 0, 0)


@cache
def _c_library() -> ctypes.CDLL:
    return ctypes.CDLL(None)


def end_descendants(run: str, leader: int) -> None:
    """Kill and reap all that is left of a run, whose first process has ended.

    They are known by the run's mark in their environment, or by being in the session that ``leader``
    began, or in that of one so known. One whose parent is alive comes to light once the parent, which
    is one of them too, is gone.
    """
    mark = f"{RUN_VARIABLE}={run}".encode()
    sessions = {leader}
    started = time.monotonic()
    while (waited := time.monotonic() - started) < _PATIENCE_S:
        kinships = {pid: _is_descendant(pid, mark, sessions) for pid in _children()}
        left = [pid for pid, is_descendant in kinships.items() if is_descendant]
        if not left and (waited >= _EXEC_PATIENCE_S or None not in kinships.values()):
            return
        for pid in left:
            _end(pid)
        time.sleep(_ROUND_S)


def _children() -> set[int]:
    """The processes whose parent this one is."""
    children: set[int] = set()
    with contextlib.suppress(OSError):
        for task in os.listdir(_TASKS):  # noqa: PTH208 - names are enough
            with contextlib.suppress(OSError):
                children.update(map(int, (_TASKS / task / "children").read_bytes().split()))
    return children


def _is_descendant(pid: int, mark: bytes, sessions: set[int]) -> bool | None:
    """Whether a child belongs to a run; ``None`` if it shows too little of itself at the moment.

    The session of one that does is added to ``sessions``: of a dead one, no more than that is to be seen.
    """
    try:
        session = os.getsid(pid)
        if session in sessions:
            return True
        environment = Path(f"/proc/{pid}/environ").read_bytes()
        if mark in environment.split(b"\0"):
            sessions.add(session)
            return True
        if environment:
            return False
        state = Path(f"/proc/{pid}/stat").read_text("ascii", "replace").rpartition(") ")[2]
    except OSError:
        return False
    return False if state.startswith("Z") else None


def _end(pid: int) -> None:
    """Kill a child, and reap it if it is gone already; else that is for the next round."""
    with contextlib.suppress(OSError):
        os.kill(pid, signal.SIGKILL)
    with contextlib.suppress(OSError):
        os.waitpid(pid, os.WNOHANG)
