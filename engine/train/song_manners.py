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
    whole = fmean(note.pitch for note in notes)
    found: list[list[int]] = [[] for _ in range(len(KINDS) + 1)]
    for note in notes:
        found[kind_of(note)].append(note.pitch)
    return tuple(fmean(own) if len(own) >= _LEAST else whole for own in found)


def spread(notes: Sequence[Sung]) -> int:
    """Return the class of how far a song strays from the middles of its sections, 0 .. len(SPREADS)."""
    about = middles(notes)
    size = fmean(abs(note.pitch - about[kind_of(note)]) for note in notes)
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


def _clusters(rows: NDArray[np.float64], count: int) -> Ints:
    from sklearn.cluster import KMeans  # reading manners off a song needs no clusters

    found = KMeans(count, n_init=20, random_state=0).fit_predict(rows)
    # Numbered by their size, so that the numbers mean the same however the clusters were found.
    sizes = np.bincount(found, minlength=count)
    order = np.lexsort((np.arange(count), -sizes))
    classes: Ints = np.argsort(order)[found].astype(np.int64)
    return classes
