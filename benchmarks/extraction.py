"""Compares the extraction of metadata with other tools.

``python -m benchmarks.extraction`` creates photos of the sizes that cameras produce, lets every tool read
each of them many times in turn, and prints Markdown tables: times, peak memory, and how long it takes to
accept or refuse each family of hostile files. A CSV file has a row for each hostile file.
"""

import argparse
import csv
import platform
import random
import resource
import shutil
import statistics
import subprocess
import sys
import tempfile
import time
from collections import defaultdict
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TypeVar

from PIL import Image
from tests.support.hostile import hostile_files
from tests.support.hostile.inspection import Inspection, MeasuredInspector
from tests.support.imagemagick import identify_command

from adapters.imagemagick.command import IdentifyCommand
from adapters.imagemagick.extractor import ImageMagickMetadataExtractor
from benchmarks.photos import large_photos
from domain.images.inspection import ImageInspector
from domain.images.model import ImageLimits
from domain.shared.image_format import SNIFF_LENGTH, sniff_format

PHOTOS = Path(__file__).parents[1] / ".local" / "benchmark"
ROUNDS = 40
MAX_RATIO_TO_IDENTIFY = 1.25
MIN_RATIO_OF_EXIFTOOL = 10
SPAWN, IDENTIFY, EXTRACTION, INSPECTION = "spawn /bin/true", "identify -ping", "extraction", "with SHA-256"
EXIFTOOL = "exiftool"

Task = Callable[[], object]


@dataclass(frozen=True)
class Reading:
    """The seconds for reading a photo: wall clock, and processor time of this process and its children."""

    clock: float
    processor: float


Cell = TypeVar("Cell")
EXIF_IFD, GPS_IFD = 0x8769, 0x8825

CHILD_MEMORY = """
import resource, subprocess, sys
subprocess.run(sys.argv[1:], stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
print(resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss)
"""


def main() -> int:
    """Measure and print. Returns 1 if a target is missed."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.extraction", description=__doc__)
    parser.add_argument("--rounds", type=int, default=ROUNDS, help="readings of each photo by each tool")
    parser.add_argument("--photos", type=Path, default=PHOTOS, help="folder that keeps the photos")
    arguments = parser.parse_args()
    photos = large_photos(arguments.photos)
    command = identify_command()
    extractor = ImageMagickMetadataExtractor(command)
    inspector = ImageInspector(extractor, ImageLimits())
    print(f"{_version(command)}; Python {platform.python_version()}; {platform.machine()}\n")
    times = {
        name: _measure(_tasks(path, command, extractor, inspector), arguments.rounds)
        for name, path in photos.items()
    }
    _print_table("By the clock: median (fastest) in ms", times, lambda readings: _show(readings, "clock"))
    _print_table(
        "Processor time: median (least) in ms", times, lambda readings: _show(readings, "processor")
    )
    missed = _print_ratios(times)
    _print_memory(photos, command)
    _print_hostile(arguments.photos / "hostile-files.csv")
    return int(missed)


def _version(command: IdentifyCommand) -> str:
    output = subprocess.run(
        [*command.arguments, "-version"], env=dict(command.environment), capture_output=True, check=True
    ).stdout.decode()
    return output.partition(" https:")[0].removeprefix("Version: ")


def _tasks(
    path: Path,
    command: IdentifyCommand,
    extractor: ImageMagickMetadataExtractor,
    inspector: ImageInspector,
) -> dict[str, Task]:
    with path.open("rb") as content:
        image_format = sniff_format(content.read(SNIFF_LENGTH))
    assert image_format is not None

    def extract() -> None:
        with path.open("rb") as content:
            extractor.extract(content, image_format)

    def inspect() -> None:
        with path.open("rb") as content:
            inspector.inspect(content)

    commands = _commands(path, command)
    tasks: dict[str, Task] = {name: _runner(arguments, command) for name, arguments in commands.items()}
    tasks |= {EXTRACTION: extract, INSPECTION: inspect}
    if image_format.value != "heic":
        tasks["Pillow"] = lambda: _read_with_pillow(path)
    return tasks


def _commands(path: Path, command: IdentifyCommand) -> dict[str, list[str]]:
    """Return the command lines of the other tools that are installed."""
    coder = {"jpg": "jpeg", "tif": "tiff"}.get(path.suffix[1:], path.suffix[1:])
    commands = {
        SPAWN: ["/bin/true"],
        IDENTIFY: [*command.arguments, "-ping", f"{coder}:{path}[0]"],
    }
    if exiftool := shutil.which("exiftool"):
        commands[EXIFTOOL] = [exiftool, "-json", "-n", str(path)]
    if exiv2 := shutil.which("exiv2"):
        commands["exiv2"] = [exiv2, "-q", "-PEIX", str(path)]
    return commands


def _runner(arguments: Sequence[str], command: IdentifyCommand) -> Task:
    environment = {"LC_ALL": "C.UTF-8", "PATH": "/usr/bin:/bin", **command.environment}

    def run() -> None:
        # exiv2 has a special exit status if a photo lacks one kind of metadata.
        subprocess.run(
            arguments,
            env=environment,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
            check=False,
        )

    return run


def _read_with_pillow(path: Path) -> None:
    with Image.open(path) as image:
        exif = image.getexif()
        exif.get_ifd(EXIF_IFD)
        exif.get_ifd(GPS_IFD)
        image.getxmp()


def _measure(tasks: dict[str, Task], rounds: int) -> dict[str, list[Reading]]:
    """Measure each task. The tasks take turns, so that other work on the machine affects them equally.

    The order differs in each round, because a task is slower after one that has filled the processor's
    caches.
    """
    readings: dict[str, list[Reading]] = {name: [] for name in tasks}
    for task in tasks.values():
        task()
    turns, order = list(tasks.items()), random.Random(rounds)
    for _ in range(rounds):
        order.shuffle(turns)
        for name, task in turns:
            clock, processor = time.perf_counter(), _processor_seconds()
            task()
            reading = Reading(time.perf_counter() - clock, _processor_seconds() - processor)
            readings[name].append(reading)
    return readings


def _processor_seconds() -> float:
    return sum(
        used.ru_utime + used.ru_stime
        for used in map(resource.getrusage, (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN))
    )


def _seconds(readings: list[Reading], measure: str) -> list[float]:
    return [getattr(reading, measure) for reading in readings]


def _show(readings: list[Reading], measure: str) -> str:
    seconds = _seconds(readings, measure)
    return f"{statistics.median(seconds) * 1000:.1f} ({min(seconds) * 1000:.1f})"


def _print_table(title: str, columns: dict[str, dict[str, Cell]], show: Callable[[Cell], str]) -> None:
    rows = list(dict.fromkeys(row for column in columns.values() for row in column))
    cells = [
        [row, *(show(column[row]) if row in column else "n/a" for column in columns.values())]
        for row in rows
    ]
    _print_markdown([title, *columns], cells)


def _print_markdown(header: Sequence[str], rows: Iterable[Sequence[str]]) -> None:
    print("| " + " | ".join(header) + " |")
    print("|---" * len(header) + "|")
    for row in rows:
        print("| " + " | ".join(row) + " |")
    print()


def _print_ratios(times: dict[str, dict[str, list[Reading]]]) -> bool:
    """Print the targets. Returns whether one is missed by both measures, the median and the best."""
    rows, met = [], []
    for measure, name in (("clock", "clock"), ("processor", "processor time")):
        to_identify = _ratios(times, EXTRACTION, IDENTIFY, measure)
        rows.append([f"extraction ÷ {IDENTIFY}, by {name}", *map(_show_ratio, to_identify)])
        is_met = max(map(max, to_identify)) <= MAX_RATIO_TO_IDENTIFY
        if all(EXIFTOOL in column for column in times.values()):
            of_exiftool = _ratios(times, EXIFTOOL, EXTRACTION, measure)
            rows.append([f"{EXIFTOOL} ÷ extraction, by {name}", *map(_show_ratio, of_exiftool)])
            is_met = is_met and min(map(min, of_exiftool)) >= MIN_RATIO_OF_EXIFTOOL
        met.append(is_met)
    _print_markdown(["Ratio of the medians (of the fastest)", *times], rows)
    return not any(met)


def _ratios(
    times: dict[str, dict[str, list[Reading]]], task: str, other: str, measure: str
) -> list[tuple[float, float]]:
    """For each photo, divide a task's time by another's: the medians, and the fastest."""
    return [
        (
            statistics.median(_seconds(column[task], measure))
            / statistics.median(_seconds(column[other], measure)),
            min(_seconds(column[task], measure)) / min(_seconds(column[other], measure)),
        )
        for column in times.values()
    ]


def _show_ratio(ratio: tuple[float, float]) -> str:
    return "{:.2f} ({:.2f})".format(*ratio)


def _print_memory(photos: dict[str, Path], command: IdentifyCommand) -> None:
    peaks: dict[str, dict[str, float]] = {}
    with tempfile.TemporaryDirectory() as folder, MeasuredInspector(Path(folder)) as inspector:
        for name, path in photos.items():
            peaks[name] = {
                tool: _child_memory(arguments, command)
                for tool, arguments in _commands(path, command).items()
                if tool != SPAWN
            }
            peaks[name]["inspection, Python and identify together"] = inspector.inspect(
                path.read_bytes()
            ).peak_bytes
    _print_table("Peak memory in MB", peaks, lambda peak: f"{peak / 1e6:.0f}")


def _child_memory(arguments: Sequence[str], command: IdentifyCommand) -> float:
    output = subprocess.run(
        [sys.executable, "-I", "-S", "-c", CHILD_MEMORY, *arguments],
        env=dict(command.environment),
        capture_output=True,
        check=True,
    ).stdout
    return int(output) * 1024


def _print_hostile(each: Path) -> None:
    """Print a row for each family of hostile files, and write one for each file into ``each``."""
    inspections: dict[str, Inspection] = {}
    with tempfile.TemporaryDirectory() as folder, MeasuredInspector(Path(folder)) as inspector:
        for file in hostile_files():
            inspections[file.name] = inspector.inspect(file.make())
    families: dict[str, list[Inspection]] = defaultdict(list)
    for name, inspection in inspections.items():
        families[name.partition("-")[0].partition(".")[0]].append(inspection)
    rows = [
        [
            family,
            str(len(found)),
            str(sum(inspection.code is not None for inspection in found)),
            f"{statistics.median(inspection.seconds for inspection in found) * 1000:.0f}",
            f"{max(inspection.seconds for inspection in found) * 1000:.0f}",
            f"{max(inspection.cpu_seconds for inspection in found) * 1000:.0f}",
            f"{max(inspection.peak_bytes for inspection in found) / 1e6:.0f}",
        ]
        for family, found in sorted(families.items())
    ]
    header = ["Hostile files", "files", "refused", "median ms", "longest ms", "longest CPU ms", "peak MB"]
    _print_markdown(header, rows)
    with each.open("w", newline="", encoding="utf-8") as table:
        writer = csv.writer(table)
        writer.writerow(["file", "refused as", "ms", "CPU ms", "peak MB"])
        writer.writerows(
            [
                name,
                inspection.code or "",
                f"{inspection.seconds * 1000:.1f}",
                f"{inspection.cpu_seconds * 1000:.1f}",
                f"{inspection.peak_bytes / 1e6:.0f}",
            ]
            for name, inspection in inspections.items()
        )
    print(f"Each of these files: {each}")


if __name__ == "__main__":
    sys.exit(main())
