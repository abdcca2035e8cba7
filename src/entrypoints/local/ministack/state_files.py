"""Saves the emulator's state in a file for each service and a journal of changes to tables."""

import asyncio
import os
from collections.abc import Callable, Iterator
from pathlib import Path

_SPARE_BYTES = 512 * 1024
_MAX_JOURNAL_BYTES = 16 * 1024 * 1024


class StateFiles:
    """Writes changes. ``snapshot`` returns the whole state of a service as text.

    The changes of the service ``journaled`` are written one by one, because its tables may have many items.
    Saved data survives the end of the process, but not necessarily a power failure.
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
        """Tell whether the disk seems to have space for the state of this service and ``new_bytes`` more.

        After a failure, the state that could not be saved is saved first.
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
        """Write the state of a service; simultaneous changes are written together.

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
                # Not in a thread: no entry may be added between the snapshot and the end of the journal.
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
        # A snapshot is written only once the journal is as large, so it at most doubles what is written.
        if size > max(_MAX_JOURNAL_BYTES, self._sizes.get(self._journaled, 0)):
            await self.keep(self._journaled)

    def append(self, entry: str) -> int:
        """Add a line to the journal and return its size in bytes. Raises OSError."""
        text = f"{entry}\n".encode()
        with self._journal.open("ab", buffering=0) as journal:
            size = journal.tell()
            if journal.write(text) < len(text):
                # An incomplete entry would be joined with the next one.
                journal.truncate(size)
                raise OSError(f"{self._journal} cannot be written completely.")
            return size + len(text)

    def entries(self) -> Iterator[str]:
        """Yield the lines of the journal, oldest first.

        An incomplete last line, whose writer was killed, is removed: its change was never confirmed.
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
