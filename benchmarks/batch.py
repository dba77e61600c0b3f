"""How many songs a second a batch makes on one processor and on two, and how much quicker two are.

Run: python benchmarks/batch.py [--songs 96] [--rounds 3] [--json]

Each round makes the same songs with one process and with two, in folders of their own, start of processes and writing
included; the ratio is that of the medians.
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
    found: dict[int, list[float]] = {1: [], 2: []}
    for _ in range(options.rounds):
        for jobs, times in found.items():
            times.append(options.songs / seconds(options.songs, jobs))
    one, two = (median(times) for times in found.values())
    if options.json:
        print(json.dumps({"songs": options.songs, "one": one, "two": two, "ratio": two / one}))
    else:
        print(f"{options.songs} songs: {one:.1f} a second on one processor, {two:.1f} on two: {two / one:.2f} times")


if __name__ == "__main__":
    main()
