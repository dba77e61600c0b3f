"""Who plays what: the role of every track, from its notes, program and channel; names are never looked at.

The classifier is a forest of decision trees (Breiman, Random Forests, 2001), fitted by ``engine.train.fit_roles`` and
walked here in whole numbers.
"""

from __future__ import annotations

import itertools
from functools import lru_cache
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from engine.learn.grid import Laid
from engine.learn.raw import LENGTH, PITCH, START, VELOCITY, Ints, RawTrack
from engine.models.tables import Table, load
from engine.theory.meter import QUARTER

ROLES = ("melody", "lead", "rhythm", "pad", "bass", "drums")
MELODY, LEAD, RHYTHM, PAD, BASS, DRUMS = range(6)

FEATURES = (
    "program",
    "channel10",
    "tracks",
    "notes",
    "share",
    "active",
    "density",
    "mean pitch",
    "low pitch",
    "high pitch",
    "spread",
    "height",
    "rank",
    "length",
    "varied lengths",
    "sounding",
    "chord size",
    "single",
    "pitches",
    "pitch entropy",
    "class entropy",
    "repeated",
    "steps",
    "leaps",
    "loudness",
    "varied loudness",
    "on beats",
    "on eighths",
    "long rests",
    "same next bar",
    "drum range",
    "kick and snare",
    "hats",
    "kit elsewhere",
)
PROGRAM, CHANNEL10, KIT = 0, 1, len(FEATURES) - 1
_SCALE = 1000
_PERCUSSIVE = 112  # General MIDI's programs from here on are bells, drums and noises
_VOICES, _SINGLE = 3, 0.9  # voices of a part song; the share of its notes that a voice sings one at a time
_OWN = 26  # features that a track has on its own


def role_features(laid: Laid, tracks: tuple[RawTrack, ...]) -> Ints:
    """Return the features of every track in thousandths, shape (tracks, len(FEATURES)), in their order."""
    notes = laid.notes
    order = np.argsort(notes[:, 4], kind="stable")
    owned = notes[order]
    bounds = np.searchsorted(owned[:, 4], np.arange(len(tracks) + 1))
    parts = [owned[first:last] for first, last in itertools.pairwise(bounds)]
    means = np.array([part[:, PITCH].mean() if len(part) else 0.0 for part in parts])
    drummed = np.array([track.channel10 for track in tracks])
    pitched = means[~drummed] if (~drummed).any() else means
    loud = float(notes[:, VELOCITY].mean())
    span = max(1.0, float(np.ptp(notes[:, START])) / QUARTER)
    height = float(notes[:, PITCH].mean())
    rows = np.zeros((len(tracks), len(FEATURES)))
    for number, (part, track) in enumerate(zip(parts, tracks, strict=True)):
        rank = float((pitched < means[number]).sum()) / max(1, len(pitched) - 1)
        own = _own(part) if len(part) else np.zeros(_OWN)
        rows[number] = (
            track.program,
            track.channel10,
            len(tracks),
            np.log(max(1, len(part))),
            len(part) / len(notes),
            own[0] / span,
            *own[1:6],
            own[2] - height,
            rank,
            *own[6:17],
            (own[17] - loud) / 127,
            *own[18:],
            drummed.sum() > track.channel10,
        )
    return np.round(rows * _SCALE).astype(np.int64)


def _own(part: Ints) -> NDArray[np.float64]:
    # What a track's notes tell on their own; rows are in order of time.
    starts, lengths, pitches, loud = part[:, START], part[:, LENGTH], part[:, PITCH], part[:, VELOCITY]
    onset = np.append(True, np.diff(starts) > 0)
    firsts = starts[onset]
    size = len(part) / len(firsts)
    chord = np.diff(np.append(np.flatnonzero(onset), len(part)))
    top = np.maximum.reduceat(pitches, np.flatnonzero(onset))
    beats = 1 + int(np.count_nonzero(np.diff(firsts // QUARTER)))
    steps = np.abs(np.diff(top))
    moves = max(1, len(steps))
    waits = np.diff(firsts)
    reached = np.maximum.reduceat(starts + lengths, np.flatnonzero(onset))
    gaps = firsts[1:] - reached[:-1]
    bars = max(1.0, (firsts[-1] - firsts[0]) / (4 * QUARTER))
    counts = np.bincount(pitches, minlength=128)
    classes = np.bincount(pitches % 12, minlength=12)
    sounding = np.minimum(reached[:-1] - firsts[:-1], waits).sum() / max(1, waits.sum()) if len(waits) else 1.0
    struck = starts * 128 + pitches  # in order, as rows are by start and pitch
    later = struck + 4 * QUARTER * 128
    again = (struck[np.minimum(np.searchsorted(struck, later), len(struck) - 1)] == later).mean()
    ordered = np.sort(pitches)
    return np.array(
        [
            beats,
            len(firsts) / beats,
            pitches.mean(),
            ordered[len(ordered) // 20],
            ordered[-1 - len(ordered) // 20],
            pitches.std(),
            np.log2(np.median(lengths) / QUARTER),
            np.log2(lengths).std(),
            sounding,
            size,
            (chord == 1).mean(),
            (counts > 0).sum(),
            _entropy(counts),
            _entropy(classes),
            (steps == 0).sum() / moves,
            ((steps > 0) & (steps < 3)).sum() / moves,
            (steps > 7).sum() / moves,
            loud.mean(),
            loud.std() / 127,
            (firsts % QUARTER == 0).mean(),
            (firsts % (QUARTER // 2) == 0).mean(),
            (gaps >= QUARTER).sum() / bars,
            again,
            counts[35:60].sum() / len(part),
            counts[[35, 36, 38, 40]].sum() / len(part),
            counts[[42, 44, 46, 49, 51]].sum() / len(part),
        ],
        float,
    )


def _entropy(counts: Ints) -> float:
    share = counts[counts > 0] / counts.sum()
    return float(-(share * np.log2(share)).sum())


class Forest:
    """A fitted forest: chances of each class from integer features.

    Arrays of all trees one after another: ``feature`` (-1 at a leaf), ``limit``, ``left`` and ``right`` (rows),
    ``votes`` (leaf chances, 255 = certain), ``roots`` (first row of each tree).
    """

    def __init__(self, table: Table) -> None:
        arrays = table.arrays
        self._feature = arrays["feature"].astype(np.int64)
        self._limit = arrays["limit"].astype(np.int64)
        self._next = np.stack([arrays["left"], arrays["right"]]).astype(np.int64)
        self._votes = arrays["votes"].astype(np.float64)
        self._roots = arrays["roots"].astype(np.int64)

    def chances(self, rows: Ints) -> NDArray[np.float64]:
        """Return the chance of every class for every row, shape (rows, classes)."""
        at = np.repeat(self._roots[None, :], len(rows), axis=0)
        which = np.arange(len(rows))[:, None]
        while True:
            feature = self._feature[at]
            inner = feature >= 0
            if not inner.any():
                break
            right = rows[which, np.maximum(feature, 0)] > self._limit[at]
            at = np.where(inner, self._next[right.astype(np.int64), at], at)
        votes = self._votes[at].sum(axis=1)
        chances: NDArray[np.float64] = votes / votes.sum(axis=1, keepdims=True)
        return chances


def find_roles(laid: Laid, tracks: tuple[RawTrack, ...], models: str | Path = "listen") -> NDArray[np.float64]:
    """Return the chance of every role for every track, shape (tracks, len(ROLES))."""
    found = _forest(models).chances(role_features(laid, tracks))
    # Off their channel drums have no program, or a drum's: who asks for a choir does not mean drums.
    tuned = np.array([not track.channel10 and 0 < track.program < _PERCUSSIVE for track in tracks])
    found[tuned, DRUMS] = 0
    found /= np.maximum(found.sum(axis=1, keepdims=True), 1e-9)
    return found


def as_scored(chances: NDArray[np.float64], laid: Laid, tracks: tuple[RawTrack, ...]) -> NDArray[np.float64]:
    """Return the chances of roles in a notated score, which says what is percussion.

    In a score of three voices or more the highest is the melody, the lowest the bass and the others fill in: choirs and
    quartets are written so, and band music, from which the forest has learnt, is not.
    """
    found: NDArray[np.float64] = chances.copy()
    drummed = np.array([track.channel10 for track in tracks])
    found[~drummed, DRUMS] = 0
    found[drummed] = np.arange(len(ROLES)) == DRUMS
    found /= np.maximum(found.sum(axis=1, keepdims=True), 1e-9)
    voices = [number for number in np.flatnonzero(~drummed).tolist() if _single(laid.notes, number)]
    if len(voices) >= _VOICES and len(voices) == (~drummed).sum():
        heights = [laid.notes[laid.notes[:, 4] == number, PITCH].mean() for number in voices]
        order = [voices[place] for place in np.argsort(heights, kind="stable").tolist()]
        for number, role in zip(order, (BASS, *[PAD] * (len(order) - 2), MELODY), strict=True):
            found[number] = 0.2 * found[number] + 0.8 * (np.arange(len(ROLES)) == role)
    return found


def _single(notes: Ints, track: int) -> bool:
    starts = notes[notes[:, 4] == track, START]
    return len(starts) > 0 and len(np.unique(starts)) >= _SINGLE * len(starts)


@lru_cache(maxsize=4)
def _forest(models: str | Path) -> Forest:
    return Forest(load(models, "roles"))
