"""How many songs a second a batch makes on one processor and on two, and how much quicker two are.

Run: python benchmarks/batch.py [--songs 96] [--rounds 3] [--json]

Each round makes so many songs, and a third of them, with one process and with two, from the command to its end. What
the others took gives the rate once started, which is that of a long run; medians of the rounds.
"""

from __future__ import annotations

import argparse
import json
import os
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from statistics import median

ROOT = Path(__file__).resolve().parent.parent


def seconds(songs: int, jobs: int) -> float:
    """Return how long a batch takes from the command to its end."""
    with tempfile.TemporaryDirectory() as folder:
        words = ["batch", "--count", str(songs), "--jobs", str(jobs), "-o", f"{folder}/out"]
        began = time.perf_counter()
        subprocess.run([sys.executable, "cli.py", *words], cwd=ROOT, check=True, stdout=subprocess.DEVNULL)
        return time.perf_counter() - began


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--songs", type=int, default=96)
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--json", action="store_true")
    options = parser.parse_args()
    if (os.cpu_count() or 1) < 2:
        sys.exit("this machine has one processor")
    whole: dict[int, list[float]] = {1: [], 2: []}
    later: dict[int, list[float]] = {1: [], 2: []}
    few = options.songs // 3
    for _ in range(options.rounds):
        for jobs in (1, 2):
            started, all_ = seconds(few, jobs), seconds(options.songs, jobs)
            whole[jobs].append(options.songs / all_)
            later[jobs].append((options.songs - few) / (all_ - started))
    facts = {}
    for name, rates in (("whole run", whole), ("once started", later)):
        one, two = (median(rates[jobs]) for jobs in (1, 2))
        facts[name] = {"one": one, "two": two, "ratio": two / one}
    if options.json:
        print(json.dumps({"songs": options.songs, **facts}, indent=1))
        return
    print(f"{options.songs} songs: songs a second on one processor, on two, and the ratio")
    for name, row in facts.items():
        print(f"  {name:12} {row['one']:6.1f} {row['two']:6.1f} {row['ratio']:6.2f}")


if __name__ == "__main__":
    main()
