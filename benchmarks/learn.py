"""What learning costs: files a second and core, and memory, for folders of more and more files.

    python benchmarks/learn.py DATA [--sizes 100 300 1000 3000 10000 30000] [--jobs N] [--folder DIR] [--json]

DATA is searched for MIDI files with several tracks (../shared/data, say; a POP909 midi.zip in it is unpacked). The
folder is made from them: each file in another key, with a stretch of it played twice, so that no two are alike. Each
size is learnt in a process of its own; told are the seconds of the whole run, files a second of the counting alone,
files a CPU second of everything, and the largest memory of the learning process and of a worker.
"""

from __future__ import annotations

import argparse
import json
import os
import resource
import subprocess
import sys
import tempfile
import time
import zipfile
from pathlib import Path

os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")
ROOT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT))

SIZES = (100, 300, 1000, 3000, 10_000, 30_000)


def sources(data: Path, unpacked: Path) -> list[Path]:
    """Return the MIDI files of a folder that hold a band or a song."""
    for archive in sorted(data.rglob("midi.zip")):
        with zipfile.ZipFile(archive) as packed:
            packed.extractall(unpacked / archive.parent.name)
    found = [*data.rglob("*.mid"), *unpacked.rglob("*.mid")]
    return sorted(path for path in found if "gmd_drums" not in path.parts)


def make(files: list[Path], folder: Path, count: int) -> None:
    """Fill a folder with so many files, transposed and spliced."""
    import symusic

    songs = {}
    for number in range(count):
        target = folder / f"{number % 100:02}" / f"{number:05}.mid"
        if target.exists():
            continue
        target.parent.mkdir(parents=True, exist_ok=True)
        path = files[number % len(files)]
        round_ = number // len(files)
        if path not in songs:
            songs[path] = symusic.Score(path, sanitize_data=True)
        song = songs[path].copy()
        for track in song.tracks:
            heights = [note.pitch for note in track.notes]
            by = round_ % 12 - 5
            if heights and not track.is_drum and min(heights) + by >= 0 and max(heights) + by <= 127:
                track.shift_pitch(by, inplace=True)
        bar, end = 4 * song.ticks_per_quarter, song.end()
        bars = max(end // bar, 8)
        cut, back = bars * (3 + round_ % 5) // 8 * bar, (4 + 4 * (round_ % 3)) * bar
        if round_ and cut > back:
            first, second = song.clip(0, cut, clip_end=True), song.clip(cut - back, end, clip_end=True)
            later = second.shift_time(back)
            for one, other in zip(first.tracks, later.tracks, strict=True):
                one.notes.extend(other.notes)
            song = first
        song.dump_midi(target)


def one(folder: Path, count: int, jobs: int) -> dict[str, float]:
    """Learn from the first files of a folder; return what it took."""
    from engine.learn.folder import find_files
    from engine.learn.run import learn

    files = find_files(str(folder))[:count]
    marks: list[tuple[float, int]] = []
    with tempfile.TemporaryDirectory() as place:
        began = time.perf_counter()
        result = learn(
            files,
            "benchmark",
            "bench",
            Path(place) / "bench.yaml",
            jobs=jobs,
            step=lambda done, _: marks.append((time.perf_counter(), done)),
        )
        whole = time.perf_counter() - began
        tables = sum(path.stat().st_size for path in result.tables.iterdir())
    counting = marks[-1][0] - marks[0][0]
    unit = 1024 if sys.platform != "darwin" else 1
    own = resource.getrusage(resource.RUSAGE_SELF)
    workers = resource.getrusage(resource.RUSAGE_CHILDREN)
    cpu = own.ru_utime + own.ru_stime + workers.ru_utime + workers.ru_stime
    return {
        "files": count,
        "used": result.used,
        "jobs": jobs,
        "seconds": whole,
        "files a second": count / counting,
        "files a cpu second": count / cpu,
        "main MB": own.ru_maxrss * unit / 1e6,
        "worker MB": workers.ru_maxrss * unit / 1e6,
        "tables MB": tables / 1e6,
    }


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("data", type=Path)
    parser.add_argument("--sizes", type=int, nargs="+", default=SIZES)
    parser.add_argument("--jobs", type=int, default=os.cpu_count() or 1)
    parser.add_argument("--folder", type=Path, help="where the files are made and kept; else a temporary folder")
    parser.add_argument("--json", action="store_true")
    parser.add_argument("--one", type=int, help=argparse.SUPPRESS)
    options = parser.parse_args()
    if options.one:
        print(json.dumps(one(options.folder, options.one, options.jobs)))
        return
    with tempfile.TemporaryDirectory() as place:
        folder = options.folder or Path(place) / "files"
        make(sources(options.data, Path(place)), folder, max(options.sizes))
        rows = []
        for size in sorted(options.sizes):
            words = [str(options.data), "--one", str(size), "--folder", str(folder), "--jobs", str(options.jobs)]
            done = subprocess.run([sys.executable, __file__, *words], capture_output=True, text=True, check=True)
            rows.append(json.loads(done.stdout.splitlines()[-1]))
            if not options.json:
                print("  ".join(f"{name} {value:,.1f}" for name, value in rows[-1].items()), flush=True)
        if options.json:
            print(json.dumps(rows, indent=1))


if __name__ == "__main__":
    main()
