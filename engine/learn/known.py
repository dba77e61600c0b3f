"""The melodies of a folder as a table of known runs, so that a style learnt from them does not sing them."""

from __future__ import annotations

from base64 import b64decode, b64encode
from typing import Any
from zlib import compress, decompress

import numpy as np

from engine.learn.counts import Counts
from engine.learn.raw import Ints
from engine.learn.song import PITCH, START, Heard
from engine.models.bans import once
from engine.models.novelty import Runs, joined, runs_of
from engine.models.tables import Table
from engine.theory.meter import SLOT

SAMPLE = "melodies"  # of ``Counts``, which says how many it keeps


def keep_melody(counts: Counts, side: str, hash_: str, heard: Heard) -> None:
    """Keep the runs of what a song sings (every track that may be its voice), with its name.

    No melody can be read from them.
    """
    found = [_runs(track.notes) for track in heard.played("melody")]
    windows, whole = (once(np.concatenate(parts)) for parts in zip(*found, strict=True))
    if not len(windows):
        return
    sizes = np.array([len(windows)])
    packed = b"".join(part.astype("<u4").tobytes() for part in (sizes, windows, whole))
    counts.keep(f"{side}{SAMPLE}", hash_, [heard.name, b64encode(compress(packed)).decode()])


def _runs(notes: Ints) -> Runs:
    slots = np.rint(notes[:, START] / SLOT).astype(np.int64)
    # Of notes that the grid lays on one slot the highest stays.
    order = np.lexsort((notes[:, PITCH], slots))
    line = order[np.append(np.diff(slots[order]) > 0, True)]
    return runs_of(slots[line].tolist(), notes[line, PITCH].tolist())


def with_melodies(table: Table, counts: Counts) -> tuple[Table, int]:
    """Return a table of known runs that knows the melodies kept in counts too, and how many these are."""
    windows, whole, titles = [], [], []
    for item in counts.sample(SAMPLE):
        kept: Any = item.value
        title, text = kept
        runs = np.frombuffer(decompress(b64decode(text)), dtype="<u4").astype(np.int64)
        windows.append(runs[1 : 1 + runs[0]])
        whole.append(runs[1 + runs[0] :])
        titles.append(title)
    if not titles:
        return table, 0
    songs = np.arange(len(titles)).repeat([len(own) for own in windows])
    return joined(table, np.concatenate(windows), songs, titles, np.concatenate(whole)), len(titles)
