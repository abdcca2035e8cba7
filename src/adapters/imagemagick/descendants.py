"""Ends all processes that a program has left behind, including those that have left its session.

It works only on Linux; elsewhere it finds no processes. See prctl(2), PR_SET_CHILD_SUBREAPER, and proc(5).
"""

import contextlib
import ctypes
import os
import signal
import time
from functools import cache
from pathlib import Path

RUN_VARIABLE = "CONFINED_RUN"
"""The environment variable that marks the descendants of one run."""

_PR_SET_CHILD_SUBREAPER = 36
_TASKS = Path("/proc/self/task")
_PATIENCE_S = 5.0
"""How long to wait for killed processes to end."""
_EXEC_PATIENCE_S = 0.5
"""How long a process may have no visible environment, as is normal during execve(2)."""
_ROUND_S = 0.002


def adopt_orphans() -> None:
    """Make this process, instead of init, the new parent of its descendants' orphans."""
    with contextlib.suppress(OSError, AttributeError):  # not Linux
        # This is repeated for each run because a fork does not inherit it.
        _c_library().prctl(_PR_SET_CHILD_SUBREAPER, 1, 0, 0, 0)


@cache
def _c_library() -> ctypes.CDLL:
    return ctypes.CDLL(None)


def end_descendants(run: str, leader: int) -> None:
    """Kill and reap all remaining processes of a run whose first process has ended.

    A process belongs to the run if its environment has the run's mark, or if it is in the session of
    ``leader`` or of another process of the run. A process becomes visible as a child of ours once its
    parent, which belongs to the run as well, is gone.
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
    """List the children of this process."""
    children: set[int] = set()
    with contextlib.suppress(OSError):
        for task in os.listdir(_TASKS):  # noqa: PTH208 - names are enough
            with contextlib.suppress(OSError):
                children.update(map(int, (_TASKS / task / "children").read_bytes().split()))
    return children


def _is_descendant(pid: int, mark: bytes, sessions: set[int]) -> bool | None:
    """Tell whether a child belongs to a run; ``None`` if that cannot be determined at the moment.

    Adds the session of such a child to ``sessions``, because only its session identifies a dead process.
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
    """Kill a child, and reap it if it has ended already; otherwise the next round reaps it."""
    with contextlib.suppress(OSError):
        os.kill(pid, signal.SIGKILL)
    with contextlib.suppress(OSError):
        os.waitpid(pid, os.WNOHANG)
