"""Runs concurrent activities step by step in an order that a test chooses, and makes them fail.

Each activity is a thread, but only one runs at any time, until it is about to send its next request to
storage. Then the test decides which one continues, lets its request fail, or kills one: like a killed
process, it does nothing more, not even clean up.
"""

import threading
from collections.abc import Callable
from typing import Any

from domain.shared.errors import ServiceUnavailable


class Killed(BaseException):
    """Ends an activity at once; no error handler catches it."""


class Activity:
    """A concurrent activity that runs one step at a time."""

    def __init__(self, name: str, run: Callable[[], Any]) -> None:
        self.name = name
        self.finished = False
        self.killed = False
        self.failing = False
        self.next_request = ""
        """The request that it will send next."""
        self.result: Any = None
        self.error: BaseException | None = None
        self._run = run
        self._may_go = threading.Semaphore(0)
        self._has_paused = threading.Semaphore(0)
        self._thread = threading.Thread(target=self._main, name=name, daemon=True)
        self._thread.start()

    def step(self) -> None:
        """Let it run until its next request, or its end."""
        self._may_go.release()
        assert self._has_paused.acquire(timeout=10), f"{self.name} hangs"

    def kill(self) -> None:
        """Kill it."""
        self.killed = True
        self.step()

    def fail(self) -> None:
        """Let it run until its next request, while storage refuses the one that it is about to send."""
        self.failing = True
        self.step()

    def pause(self, request: str) -> None:
        """Wait for the next step; called in the activity's thread."""
        if self.killed:
            raise Killed
        self.next_request = request
        self._has_paused.release()
        self._may_go.acquire()
        if self.killed:
            raise Killed
        if self.failing:
            self.failing = False
            raise ServiceUnavailable("Storage is unavailable.")

    def _main(self) -> None:
        self._may_go.acquire()
        try:
            if not self.killed:
                self.result = self._run()
        except Killed:
            pass
        except BaseException as error:
            self.error = error
        finally:
            self.finished = True
            self._has_paused.release()


class Scheduler:
    """Runs activities; pass :meth:`before_request` to the storage that they use."""

    def __init__(self) -> None:
        self.running: list[Activity] = []
        self.steps: list[str] = []

    def start(self, name: str, run: Callable[[], Any]) -> Activity:
        """Add an activity, which does nothing before its first step."""
        activity = Activity(name, run)
        self.running.append(activity)
        return activity

    def before_request(self, request: str) -> None:
        """Make an activity wait for its next step; other threads just continue."""
        current = threading.current_thread()
        for activity in self.running:
            if activity._thread is current:
                activity.pause(request)
                self.steps.append(f"{activity.name}: {request}")

    def step(self, activity: Activity) -> None:
        """Let it run until its next request."""
        activity.step()
        if activity.finished:
            self.running.remove(activity)

    def fail(self, activity: Activity) -> None:
        """Let it run until its next request, while storage refuses the one that it is about to send."""
        self.steps.append(f"{activity.name} gets no {activity.next_request}")
        activity.fail()
        if activity.finished:
            self.running.remove(activity)

    def kill(self, activity: Activity) -> None:
        """Kill it."""
        self.steps.append(f"{activity.name} dies")
        activity.kill()
        assert activity.finished
        self.running.remove(activity)

    def run_alone(self, activity: Activity) -> None:
        """Let it run to its end while all others wait."""
        while not activity.finished:
            self.step(activity)
