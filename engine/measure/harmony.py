"""Chords by themselves, and how the melody sits on them.

CHE, CC, CTD, CTnCTR, PCS and MCTD are those of Yeh et al., Automatic melody harmonization with triad
chords (2021), with the tonal centroid of Harte, Sandler and Gasser (2006); CPI that of Wu and Yang, The
Jazz Transformer on the front line (2020).
"""

from __future__ import annotations

from collections import Counter
from functools import lru_cache
from itertools import pairwise

import numpy as np

from engine.measure.piece import PITCH, START, Bools, Floats, Harmony, Ints, Piece

_PCS = np.arange(12)
_CENTROID = np.stack(
    [
        radius * wave(_PCS * turn * np.pi / 6)
        for turn, radius in ((7, 1.0), (9, 1.0), (4, 0.5))  # fifths, minor thirds, major thirds
        for wave in (np.sin, np.cos)
    ],
    axis=1,
)
# Interval above the chord tone: unison, thirds, fifth, sixths please; the fourth is neutral.
_CONSONANCE = np.array([1, -1, -1, 1, 1, 0, -1, 1, 1, 1, -1, -1], float)


def harmony_measures(piece: Piece) -> dict[str, float]:
    """Return the measures of the chord progression; chords are told apart by root and triad."""
    changes = chord_changes(piece)
    if not changes:
        return {}
    counts = np.array(list(Counter(changes).values()), float)
    share = counts / counts.sum()
    moves = [float(np.linalg.norm(centroid(*a) - centroid(*b))) for a, b in pairwise(changes)]
    trigrams = list(zip(changes, changes[1:], changes[2:], strict=False))
    degrees = [(root - piece.tonic) % 12 for root, _ in changes]
    roots = [degree for i, degree in enumerate(degrees) if i == 0 or degrees[i - 1] != degree]
    before_tonic = [a for a, b in pairwise(roots) if b == 0]
    return {
        "CC": float(len(counts)),
        "CHE": float(-(share * np.log(share)).sum()),
        "CPI": len(set(trigrams)) / len(trigrams) if trigrams else np.nan,
        "CTD": float(np.mean(moves)) if moves else np.nan,
        "chord_changes_per_bar": len(changes) / piece.bars,
        "root_I_frac": degrees.count(0) / len(degrees),
        "pretonic_IV": before_tonic.count(5) / len(before_tonic) if before_tonic else np.nan,
        "pretonic_V": before_tonic.count(7) / len(before_tonic) if before_tonic else np.nan,
    }


def fit_measures(piece: Piece) -> dict[str, float]:
    """Return how the melody's notes sit on the chords, sevenths and all; notes without a chord are left out."""
    notes = piece.melody
    if not len(notes) or not piece.chords:
        return {}
    index = piece.chord_index[np.clip(notes[:, START], 0, piece.end - 1)]
    known = index >= 0
    if not known.any():
        return {}
    pitch_class = notes[:, PITCH] % 12
    tones = np.stack([tone_mask(chord) for chord in piece.chords])
    inside = tones[index, pitch_class] & known
    downbeat = known & (piece.place_of(notes[:, START]) == 0)
    step = np.append(np.abs(np.diff(notes[:, PITCH])) <= 2, False)
    # What sounds, slot by slot, against the chord of that slot.
    sounding = np.full(piece.end, -1, np.int64)
    for start, length, pitch in notes.tolist():
        sounding[max(0, start) : start + length] = pitch % 12
    slots = np.flatnonzero((sounding >= 0) & (piece.chord_index >= 0))
    chords, pcs = piece.chord_index[slots], sounding[slots]
    pleasing = np.stack([_consonance(chord.root, chord.steps) for chord in piece.chords])
    distance = np.stack([_distances(chord.root, chord.steps) for chord in piece.chords])
    return {
        "chord_tone_frac": float(inside[known].mean()),
        "strong_beat_chord_tone": float(inside[downbeat].mean()) if downbeat.any() else np.nan,
        "CTnCTR": float((inside | (known & step))[known].mean()),
        "PCS": float(pleasing[chords, pcs].mean()),
        "MCTD": float(distance[chords, pcs].mean()),
    }


def chord_changes(piece: Piece) -> list[tuple[int, tuple[int, ...]]]:
    """Return (root, triad) at each change of chord, repeats joined."""
    names = [(chord.root, triad(chord.steps)) for chord in piece.chords]
    return [name for i, name in enumerate(names) if i == 0 or names[i - 1] != name]


@lru_cache(maxsize=256)
def triad(steps: tuple[int, ...]) -> tuple[int, ...]:
    """Return the triad under a chord; what has no third of its own (power chord, suspension) counts as major.

    >>> triad((0, 3, 7, 10)), triad((0, 7)), triad((0, 3, 6, 9))
    ((0, 3, 7), (0, 4, 7), (0, 3, 6))
    """
    third = 3 if 3 in steps and 4 not in steps else 4
    fifth = 7
    if 7 not in steps:
        fifth = 6 if third == 3 and 6 in steps else 8 if third == 4 and 8 in steps else 7
    return (0, third, fifth)


@lru_cache(maxsize=4096)
def centroid(root: int, steps: tuple[int, ...]) -> Floats:
    """Return the tonal centroid (6 numbers) of a chord, all its tones alike."""
    return np.asarray(_CENTROID[[(root + step) % 12 for step in steps]].mean(axis=0))


@lru_cache(maxsize=4096)
def _consonance(root: int, steps: tuple[int, ...]) -> Floats:
    tones = np.array([(root + step) % 12 for step in steps])
    return np.asarray(_CONSONANCE[(_PCS[:, None] - tones) % 12].mean(axis=1))


@lru_cache(maxsize=4096)
def _distances(root: int, steps: tuple[int, ...]) -> Floats:
    return np.asarray(np.linalg.norm(_CENTROID - centroid(root, steps), axis=1))


def tone_mask(chord: Harmony) -> Bools:
    """Return which of the 12 pitch classes are tones of a chord."""
    mask = np.zeros(12, bool)
    mask[[(chord.root + step) % 12 for step in chord.steps]] = True
    return mask


def chroma_by_slot(piece: Piece) -> Ints:
    """Return 0 or 1 for every slot and pitch class of the chord in force, shape (slots, 12)."""
    table = np.zeros((len(piece.chords) + 1, 12), np.int64)
    for i, chord in enumerate(piece.chords):
        table[i] = tone_mask(chord)
    return np.asarray(table[piece.chord_index])
