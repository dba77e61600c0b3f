"""The colour of a heard triad: seventh, sixth, ninth or power chord, from all that sounds under it."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from engine.theory.chord import Chord

Floats = NDArray[np.float64]

_THIRD = 0.04  # share of the sound under which a third is not there
_TONE = 0.14  # share from which another tone belongs to the chord
_BASS = 0.6  # share of the lowest notes from which one is the bass


def colour(root: int, family: str, sounding: Floats, low: Floats) -> Chord:
    """Return the chord of a root and triad family.

    sounding: how much every pitch class sounds under it, shape (12,). low: the same of the lowest notes.
    """
    share = np.roll(sounding, -root) / max(float(sounding.sum()), 1e-9)
    quality = _quality(family, share)
    bass = int(low.argmax()) if low.any() else root
    sure = low[bass] >= _BASS * low.sum() if low.any() else False
    tone = (bass - root) % 12 in (3, 4, 7)
    return Chord(root, quality, bass if sure and tone and bass != root else root)


def _quality(family: str, share: Floats) -> str:
    if family == "dim":
        if share[10] > _TONE and share[10] > share[9]:
            return "hdim"
        return "dim7" if share[9] > _TONE else "dim"
    if family == "sus4":
        return "sus2" if share[2] > 1.5 * share[5] else "sus4"
    third = share[4] if family == "maj" else share[3]
    if third < _THIRD:
        if share[7] > 0.1 and share[0] > 0.2 and max(share[[2, 5, 9, 10, 11]]) < _TONE:
            return "5"
        if family == "maj" and max(share[2], share[5]) > _TONE:
            return "sus2" if share[2] > share[5] else "sus4"
    if family == "min":
        if share[10] > _TONE:
            return "min9" if share[2] > _TONE else "min7"
        return "min6" if share[9] > _TONE else "min"
    if share[8] > _TONE and share[7] < 0.04:
        return "aug"
    if share[10] > _TONE and share[10] >= share[11]:
        return "9" if share[2] > _TONE else "7"
    if share[11] > _TONE:
        return "maj7"
    if share[9] > _TONE:
        return "6"
    return "add9" if share[2] > _TONE else "maj"
