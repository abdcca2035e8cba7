"""The files in which the emulator keeps its state: one a service, and a journal of tables' changes."""

import asyncio
import os
from collections.abc import Callable, Iterator
from pathlib import Path

_SPARE_BYTES = 512 * 1024
_MAX_JOURNAL_BYTES = 16 * 1024 * 1024


class StateFiles:
    """Writes what has changed. ``snapshot`` gives a service's whole state as text.

    ``journaled`` is the service whose changes are written one by one, since its tables may have many items.
    Written is what another process can read, not what would outlive a loss of power.
    """

    def __init__(self, directory: Path, snapshot: Callable[[str], str], journaled: str) -> None:
        self._directory = directory
        self._snapshot = snapshot
        self._journaled = journaled
        self._journal = directory / f"{journaled}.journal"
        self._sizes: dict[str, int] = {}
        self._changes: dict[str, int] = {}
        self._kept: dict[str, int] = {}
        self._locks: dict[str, asyncio.Lock] = {}
        self._failed: set[str] = set()

    async def can_keep(self, service: str, new_bytes: int) -> bool:
        """Whether the disk seems to take the state of this service, and so many bytes more.

        After a failure, first what could not be kept then has to be.
        """
        try:
            self._directory.mkdir(parents=True, exist_ok=True)
            if service in self._failed:
                await self.keep(service)
            disk = os.statvfs(self._directory)
        except OSError:
            return False
        needed = new_bytes + self._sizes.get(service, 0) + _SPARE_BYTES
        has_files_left = disk.f_files == 0 or disk.f_favail > 0
        return not disk.f_flag & os.ST_RDONLY and has_files_left and disk.f_bavail * disk.f_frsize >= needed

    async def keep(self, service: str) -> None:
        """Write the state of a service; changes that are made at the same time are written together.

        Raises OSError.
        """
        change = self._changes[service] = self._changes.get(service, 0) + 1
        async with self._locks.setdefault(service, asyncio.Lock()):
            if self._kept.get(service, 0) >= change:
                return
            newest = self._changes[service]
            self._failed.add(service)
            text = self._snapshot(service)
            if service == self._journaled:
                # Not in a thread: no entry may come between the snapshot and the end of the journal.
                self._replace(service, text)
                self._journal.unlink(missing_ok=True)
            else:
                await asyncio.to_thread(self._replace, service, text)
            self._failed.discard(service)
            self._sizes[service] = len(text)
            self._kept[service] = newest

    async def keep_entry(self, entry: str) -> None:
        """Add a line to the journal. Raises OSError."""
        try:
            size = self.append(entry)
        except OSError:
            self._failed.add(self._journaled)
            raise
        # As much again is written for each byte, however large the state has become.
        if size > max(_MAX_JOURNAL_BYTES, self._sizes.get(self._journaled, 0)):
            await self.keep(self._journaled)

    def append(self, entry: str) -> int:
        """Add a line to the journal, and tell how many bytes it has now. Raises OSError."""
        text = f"{entry}\n".encode()
        with self._journal.open("ab", buffering=0) as journal:
            size = journal.tell()
            if journal.write(text) < len(text):
                # Half an entry would be taken for a part of the next one.
                journal.truncate(size)
                raise OSError(f"{self._journal} cannot be written to its end.")
            return size + len(text)

    def entries(self) -> Iterator[str]:
        """The lines of the journal, oldest first.

        A last one that was cut off, as its writer was killed, is removed: it was promised to nobody.
        """
        try:
            with self._journal.open("r+b") as journal:
                end = 0
                for line in journal:
                    if not line.endswith(b"\n"):
                        journal.truncate(end)
                        return
                    end += len(line)
                    yield line.decode()
        except FileNotFoundError:
            return

    def _replace(self, service: str, text: str) -> None:
        new = self._directory / f"{service}.new"
        try:
            new.write_text(text, "utf-8")
            new.replace(self._directory / f"{service}.json")
        except BaseException:
            new.unlink(missing_ok=True)
            raise
