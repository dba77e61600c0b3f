"""The key: pitch-class profiles over all that sounds and over the chords, then the mode by its scale.

Profiles: Albrecht and Shanahan, "The use of large corpora to train a new type of key-finding algorithm" (Music
Perception 31, 2013); the finding is Krumhansl's (Cognitive Foundations of Musical Pitch, 1990).
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from engine.theory.key import Key

Floats = NDArray[np.float64]

_MAJOR = (0.238, 0.006, 0.111, 0.006, 0.137, 0.094, 0.016, 0.214, 0.009, 0.080, 0.008, 0.081)
_MINOR = (0.220, 0.006, 0.104, 0.123, 0.019, 0.103, 0.012, 0.214, 0.062, 0.022, 0.061, 0.052)
_ROOTS = 1.2  # weight of the roots of chords beside what sounds
_ENDS = 0.25  # of the first and the last chord
_MODAL = 1.6  # times the other tone that a mode's own tone must sound
_SIGNED = 0.06  # what a signature that says this key is worth
_SURE = 20.0


def find_key(sounding: Floats, roots: Floats, ends: tuple[int, int], signed: Key | None) -> tuple[Key, float]:
    """Return the key of a song and how sure it is (0..1).

    sounding: how much each pitch class sounds, shape (12,). roots: how long each is a chord's root. ends: roots of the
    first and the last chord, -1 for none. signed: what a key signature says, if it says more than C major.
    """
    if not sounding.any():
        return signed or Key(0), 0.0
    profile = sounding / sounding.sum() + _ROOTS * roots / max(float(roots.sum()), 1e-9)
    scores = np.zeros((2, 12))
    for minor, row in enumerate((_MAJOR, _MINOR)):
        for tonic in range(12):
            scores[minor, tonic] = np.corrcoef(profile, np.roll(row, tonic))[0, 1]
    for root, share in zip(ends, (0.4, 0.6), strict=True):
        if root >= 0:
            scores[:, root] += _ENDS * share
    if signed is not None:
        scores[int(signed.minor), signed.tonic] += _SIGNED
    best = int(scores.argmax())
    minor, tonic = divmod(best, 12)
    like = np.exp(_SURE * (scores - scores.max()))
    return Key(tonic, _mode(np.roll(sounding, -tonic), bool(minor))), float(1 / like.sum())


def _mode(degrees: Floats, minor: bool) -> str:
    # The tone that tells a mode from plain major or minor must clearly outdo the one it stands for.
    if minor:
        if degrees[9] > _MODAL * degrees[8] and degrees[9] > 0.02 * degrees.sum():
            return "dorian"
        return "phrygian" if degrees[1] > _MODAL * degrees[2] and degrees[1] > 0.03 * degrees.sum() else "minor"
    if degrees[10] > _MODAL * degrees[11] and degrees[10] > 0.02 * degrees.sum():
        return "mixolydian"
    return "lydian" if degrees[6] > _MODAL * degrees[5] and degrees[6] > 0.03 * degrees.sum() else "major"


def signature(sharps: int, minor: bool) -> Key | None:
    """Return the key of a MIDI key signature; None for C major, which programs write unasked."""
    if sharps == 0 and not minor:
        return None
    return Key((7 * sharps + (9 if minor else 0)) % 12, "minor" if minor else "major")
