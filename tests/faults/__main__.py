"""``python -m tests.faults``: kill processes at random, and have requests fail, under load.

Prints what happened and what is wrong afterwards; the exit status is 1 if anything is.
"""

import argparse
import random
import sys
import tempfile
from collections import Counter
from dataclasses import asdict
from pathlib import Path

from tests.faults.server import at_random
from tests.faults.trial import Trial, run


def main() -> int:
    """Returns the exit status."""
    parser = argparse.ArgumentParser(prog="python -m tests.faults", description=__doc__)
    parser.add_argument("--kills", type=int, default=100, help="of workers, emulator and server")
    parser.add_argument("--share", type=float, default=0.1, help="of the requests to AWS that fail")
    parser.add_argument("--seconds", type=float, default=60, help="of load with failing requests alone")
    parser.add_argument("--patience", type=float, default=120, help="seconds in which all comes to rest")
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--keep", type=Path, help="a folder in which the servers' states stay")
    options = parser.parse_args()
    chance = random.Random(options.seed)
    trials = {
        "kills": Trial(at_random(options.kills, chance), patience_s=options.patience, seed=options.seed),
        "failing requests": Trial(
            share=options.share, seconds=options.seconds, patience_s=options.patience, seed=options.seed
        ),
        "both": Trial(
            at_random(options.kills, chance),
            share=options.share,
            patience_s=options.patience,
            seed=options.seed,
        ),
    }
    status = 0
    with tempfile.TemporaryDirectory() as folder:
        for name, trial in trials.items():
            state_dir = (options.keep or Path(folder)) / name.replace(" ", "-")
            result = run(trial, state_dir, _progress)
            wrong = asdict(result.findings)
            counts = ", ".join(f"{kind} {len(items)}" for kind, items in wrong.items())
            print(f"{name}: {counts}", flush=True)
            kills = dict(Counter(victim.value for victim in trial.victims))
            print(f"  killed {kills}, failed requests {result.faults}", flush=True)
            print(f"  promised {result.promised}, deleted {result.deleted}, open {result.open}", flush=True)
            for kind, items in wrong.items():
                for item in items:
                    print(f"  {kind}: {item}", flush=True)
            status |= bool(result.findings)
    return status


def _progress(text: str) -> None:
    print(text, file=sys.stderr, flush=True)


if __name__ == "__main__":
    sys.exit(main())
