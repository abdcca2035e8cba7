"""Fuzzes the parsers one after another for a given time: ``python -m fuzz --seconds 60 [NAME…]``.

Corpora are kept under ``.local/fuzz`` and grow from run to run. An input that breaks a target is written to
``tests/crashers``, so that the tests fail until it is fixed and prevent regressions.
"""

import argparse
import hashlib
import os
import subprocess
import sys
from pathlib import Path

from fuzz.seeds import MAX_SEED_BYTES, seeds
from fuzz.targets import TARGETS

ROOT = Path(__file__).parents[1]
CRASHERS = ROOT / "tests" / "crashers"
DEFAULT_SECONDS = 60
ONE_INPUT_SECONDS = 5
MEMORY_MB = 1024


def main() -> int:
    """Fuzz. Returns 1 if a target broke."""
    parser = argparse.ArgumentParser(prog="python -m fuzz", description=__doc__)
    parser.add_argument("names", nargs="*", choices=[*TARGETS, []], metavar="NAME", help=", ".join(TARGETS))
    parser.add_argument("--seconds", type=int, default=DEFAULT_SECONDS, help="for each target")
    parser.add_argument(
        "--corpus", type=Path, default=ROOT / ".local" / "fuzz", help="folder of the corpora"
    )
    arguments = parser.parse_args()
    broken = [
        name
        for name in arguments.names or TARGETS
        if not _fuzz(name, arguments.corpus / name, arguments.seconds)
    ]
    if broken:
        print(
            f"Broken: {', '.join(broken)}. The inputs are in {CRASHERS.relative_to(ROOT)}.", file=sys.stderr
        )
    return bool(broken)


def _fuzz(name: str, corpus: Path, seconds: int) -> bool:
    corpus.mkdir(parents=True, exist_ok=True)
    for seed in seeds(name):
        (corpus / hashlib.sha256(seed).hexdigest()[:16]).write_bytes(seed)
    crashers = CRASHERS / name
    crashers.mkdir(parents=True, exist_ok=True)
    print(f"Fuzzing {name} for {seconds} s", flush=True)
    command = [
        sys.executable,
        "-m",
        "fuzz.harness",
        name,
        f"-max_total_time={seconds}",
        f"-timeout={ONE_INPUT_SECONDS}",
        f"-rss_limit_mb={MEMORY_MB}",
        f"-max_len={MAX_SEED_BYTES}",
        f"-artifact_prefix={crashers}{os.sep}",
        "-print_final_stats=1",
        str(corpus),
    ]
    environment = os.environ | {"PYTHONPATH": os.pathsep.join((str(ROOT / "src"), str(ROOT)))}
    finished = subprocess.run(command, cwd=ROOT, env=environment, check=False)
    if not any(crashers.iterdir()):
        crashers.rmdir()
    return finished.returncode == 0


if __name__ == "__main__":
    sys.exit(main())
