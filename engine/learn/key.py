"""The key: a profile, turned to every tonic, over what sounds and over the roots of chords; then the mode by its scale.

The idea is Krumhansl's (Cognitive Foundations of Musical Pitch, 1990); the profiles are those of a softmax over the
24 keys that ``engine.train.fit_key`` fits.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from engine.learn.chords import MAJ, MIN, NONE, Frames
from engine.learn.raw import Ints
from engine.models.tables import Table
from engine.theory.key import Key

Floats = NDArray[np.float64]

CHANNELS = ("sounding", "major roots", "minor roots", "first root", "last root")
SCALE = 1000
_MODAL = 2.0  # times the other tone that a mode's own tone must sound
_HEARD = 0.03  # share of all that sounds from which it counts
_SIGNED = 0.5  # nats that a signature which says this key is worth


def key_features(seen: Frames, states: Ints) -> Floats:
    """Return what tells the key of a song, shape (len(CHANNELS), 12). states: the chord state of every beat."""
    table = np.zeros((len(CHANNELS), 12))
    table[0] = seen.sounding.sum(axis=0)
    named = states[(states >= 0) & (states != NONE)]
    for row, minor in ((1, False), (2, True)):
        family = (named % 4 == MIN) if minor else (named % 4 == MAJ)
        table[row] = np.bincount(named[family] // 4, minlength=12)
    table[:3] = np.sqrt(table[:3] / np.maximum(table[:3].sum(axis=1, keepdims=True), 1e-9))
    if len(named):
        table[3, named[0] // 4] = table[4, named[-1] // 4] = 1
    return table


def find_key(seen: Frames, states: Ints, signed: Key | None, model: Table) -> tuple[Key, float]:
    """Return the key of a song and how sure it is (0..1). signed: what a signature says, if more than C major."""
    sounding = seen.sounding.sum(axis=0)
    if not sounding.any():
        return signed or Key(0), 0.0
    scores = key_scores(key_features(seen, states)[None], model.arrays["weights"] / SCALE)[0]
    scores = scores + model.arrays["bias"][:, None] / SCALE
    if signed is not None:
        scores[int(signed.minor), signed.tonic] += _SIGNED
    like = np.exp(scores - scores.max())
    minor, tonic = divmod(int(scores.argmax()), 12)
    return Key(tonic, _mode(np.roll(sounding, -tonic), bool(minor))), float(1 / like.sum())


def key_scores(features: Floats, weights: Floats) -> Floats:
    """Return the score of every key, shape (songs, 2, 12). weights: (2, channels, 12), for a tonic of C."""
    turns = (np.arange(12)[:, None] + np.arange(12)[None, :]) % 12
    scores: Floats = np.einsum("sctd,mcd->smt", features[:, :, turns], weights)
    return scores


def signature(sharps: int, minor: bool) -> Key | None:
    """Return the key of a MIDI key signature; None for C major, which programs write unasked."""
    if sharps == 0 and not minor:
        return None
    return Key((7 * sharps + (9 if minor else 0)) % 12, "minor" if minor else "major")


def _mode(degrees: Floats, minor: bool) -> str:
    # The tone that tells a mode from plain major or minor must clearly outdo the one it stands for.
    least = _HEARD * degrees.sum()
    pairs = ((9, 8, "dorian"), (1, 2, "phrygian")) if minor else ((10, 11, "mixolydian"), (6, 5, "lydian"))
    for own, usual, mode in pairs:
        if degrees[own] > max(least, _MODAL * degrees[usual]):
            return mode
    return "minor" if minor else "major"
