"""The manner of every song of RS200: what of its melody stays the same from first to last line."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from statistics import fmean

import numpy as np
from numpy.typing import NDArray

from engine.models.manner import GAITS, PALETTES, SPREADS
from engine.models.pitch import KINDS
from engine.models.rhythm import grain
from engine.models.viewpoints import Ints
from engine.train.sung_notes import Sung

SHORTEST = 5  # slots: a shorter line has no rhythm to learn
_NUMBER = {kind: number for number, kind in enumerate(KINDS)}
_LEAST = 12  # notes in sections of a kind, for it to have a middle of its own


def palettes(songs: Sequence[Sequence[Sung]]) -> Ints:
    """Return the class of each song's scale degrees: k-means on the square roots of their shares."""
    shares = [np.sqrt(np.bincount([note.degree for note in notes], minlength=12) / len(notes)) for notes in songs]
    return _clusters(np.array(shares), PALETTES)


def gaits(songs: Sequence[Sequence[Sung]]) -> Ints:
    """Return the class of each song's intervals: k-means on the shares of repeats, steps, thirds and leaps."""
    rows = []
    for notes in songs:
        size = np.abs(np.diff([note.pitch for note in notes]))
        rows.append(np.bincount(np.searchsorted((1, 3, 5), size, side="right"), minlength=4) / len(size))
    return _clusters(np.array(rows), GAITS)


def middles(notes: Sequence[Sung]) -> tuple[float, ...]:
    """Return the mean pitch of each of KINDS and of the rest; the song's where there are few notes."""
    return _middles([note.pitch for note in notes], _kinds(notes))


def _middles(pitches: list[int], kinds: list[int]) -> tuple[float, ...]:
    whole = sum(pitches) / len(pitches)
    found = []
    for kind in range(len(KINDS) + 1):
        own = [pitch for pitch, its in zip(pitches, kinds, strict=True) if its == kind]
        found.append(sum(own) / len(own) if len(own) >= _LEAST else whole)
    return tuple(found)


def spread(notes: Sequence[Sung]) -> int:
    """Return the class of how far a song strays from the middles of its sections, 0 .. len(SPREADS)."""
    pitches, kinds = [note.pitch for note in notes], _kinds(notes)
    about = _middles(pitches, kinds)
    size = fmean([abs(pitch - about[kind]) for pitch, kind in zip(pitches, kinds, strict=True)])
    return sum(size * 4 >= bound for bound in SPREADS)


def grain_of(found: Iterable[Sequence[Sung]]) -> int:
    """Return the class of a song's rhythm from its lines."""
    long = [line for line in found if line[-1].slot - line[0].slot >= SHORTEST]
    return grain(
        sum(len(line) for line in long),
        sum(note.slot % 2 for line in long for note in line),
        sum(line[-1].slot - line[0].slot + 1 for line in long),
    )


def kind_of(note: Sung) -> int:
    """Return the number of a note's section in KINDS, or the one after them."""
    return _NUMBER.get(note.kind, len(KINDS))


def _kinds(notes: Sequence[Sung]) -> list[int]:
    return [_NUMBER.get(note.kind, len(KINDS)) for note in notes]


def _clusters(rows: NDArray[np.float64], count: int) -> Ints:
    from sklearn.cluster import KMeans  # reading manners off a song needs no clusters

    found = KMeans(count, n_init=20, random_state=0).fit_predict(rows)
    # Numbered by their size, so that the numbers mean the same however the clusters were found.
    sizes = np.bincount(found, minlength=count)
    order = np.lexsort((np.arange(count), -sizes))
    classes: Ints = np.argsort(order)[found].astype(np.int64)
    return classes
