"""What a song costs: CPU seconds and memory of a cold start, songs a second in a warm process, growth with bars.

    python benchmarks/speed.py [--rounds 9] [--songs 40] [--json]

Where the Debian package mma is installed it renders a 110-bar arrangement in turns with us, so that both
see the same machine. Times are CPU seconds of the child process, user and system, from the operating system.
"""

from __future__ import annotations

import argparse
import json
import os
import platform
import shutil
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Sequence
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent

# 110 bars for mma: an arrangement as people write them, a groove for each section, one or two chords a bar.
ARRANGEMENT = """Tempo 132
Groove 8BeatIntro
1 Em
2 C
3 G
4 D
MSet Verse
  Em
  Em
  C
  C
  G
  G
  D
  D / Bm
  Em
  Em
  C
  C / D
  G
  G / D
  Am7
  B7
EndMSet
MSet Chorus
  C
  D
  G
  Em
  C
  D
  G
  G / D
EndMSet
MSet Bridge
  Am
  Am7
  Em
  Em7
  F
  C
  D
  B7
EndMSet
Groove 8Beat
$Verse
Groove 8BeatSus
$Chorus
$Chorus
Groove 8Beat
$Verse
Groove 8BeatSus
$Chorus
$Chorus
Groove 8Beat1
$Bridge
Groove 8BeatSus
$Bridge
$Chorus
$Chorus
Groove 8Beat
$Chorus
Groove 8BeatEnd
Em
Em
"""


def child(words: Sequence[str], folder: str) -> tuple[float, float]:
    """Return CPU seconds and peak megabytes of a program run to its end."""
    # Compiled once and kept, as after an installation, whatever this process was told.
    environment = {name: value for name, value in os.environ.items() if name != "PYTHONDONTWRITEBYTECODE"}
    environment["PYTHONPYCACHEPREFIX"] = str(Path(folder) / "compiled")
    process = subprocess.Popen(words, cwd=folder, env=environment, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE)
    _, status, used = os.wait4(process.pid, 0)
    errors = process.stderr.read().decode() if process.stderr else ""
    if status:
        raise SystemExit(f"{' '.join(words)} failed: {errors}")
    return used.ru_utime + used.ru_stime, used.ru_maxrss / 1024


def cold(rounds: int, folder: str) -> dict[str, list[tuple[float, float]]]:
    hookline = [sys.executable, str(ROOT / "cli.py"), "compose", "--length", "3:00", "-o", "song.mid", "--seed"]
    jobs = {
        "python": [sys.executable, "-c", "pass"],
        "hookline --help": [*hookline[:2], "--help"],
        "hookline compose": hookline,
    }
    if shutil.which("mma"):
        (Path(folder) / "song.mma").write_text(ARRANGEMENT)
        jobs["mma, 110 bars"] = ["mma", "-f", "mma.mid", "song.mma"]
    found: dict[str, list[tuple[float, float]]] = {name: [] for name in jobs}
    for number in range(rounds + 1):
        for name, words in jobs.items():
            used = child([*words, str(number)] if words is hookline else words, folder)
            if number:  # the first round fills the disk's cache
                found[name].append(used)
    return found


def warm(songs: int) -> tuple[list[float], list[tuple[int, float]]]:
    """Return CPU seconds of each song after the first few, and (bars, seconds) by length asked for."""
    os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")
    sys.path.insert(0, str(ROOT))
    import engine
    from engine.export.midi import midi

    def spent(seed: int, **options: object) -> tuple[int, float]:
        began = time.process_time()
        song = engine.compose(seed=seed, **options)  # type: ignore[arg-type]
        midi(song)
        return song.bars, time.process_time() - began

    for seed in range(5):
        spent(10_000 + seed)
    times = [spent(seed)[1] for seed in range(songs)]
    growth = []
    for cycles in (1, 2, 4, 8):
        form = f"I {'V C ' * cycles}O"
        runs = [spent(20_000 + seed, form=form, tempo=180, length=None) for seed in range(8)]
        growth.append((round(statistics.mean(run[0] for run in runs)), statistics.median(run[1] for run in runs)))
    return times, growth


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--rounds", type=int, default=9)
    parser.add_argument("--songs", type=int, default=40)
    parser.add_argument("--json", action="store_true")
    options = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        starts = cold(options.rounds, folder)
    times, growth = warm(options.songs)
    facts = {
        "python": platform.python_version(),
        "cold": {
            name: {
                "cpu_median": statistics.median(cpu for cpu, _ in runs),
                "cpu_lowest": min(cpu for cpu, _ in runs),
                "cpu_highest": max(cpu for cpu, _ in runs),
                "peak_mb": max(peak for _, peak in runs),
            }
            for name, runs in starts.items()
        },
        "warm_songs_per_cpu_second": len(times) / sum(times),
        "warm_slowest_song": max(times),
        "growth": growth,
    }
    if options.json:
        print(json.dumps(facts, indent=1))
        return
    print(f"{'cold start':18} {'CPU s':>7} {'lowest':>7} {'highest':>8} {'peak MB':>8}")
    for name, row in facts["cold"].items():  # type: ignore[union-attr, attr-defined]
        print(
            f"{name:18} {row['cpu_median']:7.3f} {row['cpu_lowest']:7.3f} "
            f"{row['cpu_highest']:8.3f} {row['peak_mb']:8.0f}"
        )
    medians = {name: statistics.median(cpu for cpu, _ in runs) for name, runs in starts.items()}
    if "mma, 110 bars" in medians:
        ratio = medians["hookline compose"] / medians["mma, 110 bars"]
        print(f"hookline compose / mma: {ratio:.2f} (limit 2.0, aim 1.0)")
    print(f"\nwarm: {len(times) / sum(times):.1f} songs a CPU second (limit 20), slowest song {max(times):.3f} s")
    print(f"\n{'bars':>5} {'CPU s':>7} {'ms a bar':>9}")
    for bars, seconds in growth:
        print(f"{bars:5} {seconds:7.3f} {1000 * seconds / bars:9.2f}")


if __name__ == "__main__":
    main()
