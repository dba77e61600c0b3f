"""What writing a song as notation costs beside composing it: ``python -m benchmarks.notation [--songs 20]``.

CPU milliseconds a song, in a warm process with the command line's garbage collection.
"""

from __future__ import annotations

import argparse
import gc
import time
from collections.abc import Callable

import engine
from engine.export.midi import midi
from engine.notation.files import notated, xml
from engine.song import Song

WRITERS: dict[str, Callable[[Song], object]] = {
    "MIDI": midi,
    "MusicXML, score": xml,
    "MusicXML, score with tablature": lambda song: xml(song, tab=True),
    "MusicXML, lead sheet": lambda song: xml(song, lead=True),
    "ABC": lambda song: notated(song, "ABC"),
    "ChordPro": lambda song: notated(song, "ChordPro"),
}


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--songs", type=int, default=20)
    count = parser.parse_args().songs
    gc.set_threshold(100_000, 50)
    engine.compose(seed=count + 1)
    start = time.process_time()
    songs = [engine.compose(seed=seed) for seed in range(count)]
    print(f"{'composing':32} {(time.process_time() - start) * 1000 / count:6.1f} ms")
    for name, write in WRITERS.items():
        start = time.process_time()
        for song in songs:
            write(song)
        print(f"{name:32} {(time.process_time() - start) * 1000 / count:6.1f} ms")


if __name__ == "__main__":
    main()
