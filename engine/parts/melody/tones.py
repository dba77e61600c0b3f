"""What tones are worth over a chord: which belong, which grate, where a line may rest."""

from __future__ import annotations

from collections.abc import Sequence
from functools import lru_cache

import numpy as np
from numpy.typing import NDArray

from engine.models.pitch import REACH
from engine.models.viewpoints import Ints

# Sixteenths for what is no tone of the chord, in short and in long notes: a semitone from one, and other tones.
NEIGHBOUR, OTHER = (15, 9), (13, 8)
LONG = 12  # slots to the next onset


@lru_cache(maxsize=4096)
def fitting(events: bytes, tonic: int, chord: tuple[int, ...], long: bool) -> Ints:
    """Return the factors, in sixteenths, of events over a chord: its tones, their neighbours by a semitone, others."""
    degrees = (np.frombuffer(events, dtype=np.int64) - REACH) % 12
    tones = _degrees(chord, tonic)
    near = np.roll(tones, 1) | np.roll(tones, -1)
    return np.where(tones, 16, np.where(near, NEIGHBOUR[long], OTHER[long]))[degrees]


@lru_cache(maxsize=4096)
def at_home(events: bytes, scale: tuple[int, ...], chord: tuple[int, ...], tonic: int) -> NDArray[np.bool_]:
    """Return which events are tones of scale or chord."""
    degrees = (np.frombuffer(events, dtype=np.int64) - REACH) % 12
    return (_degrees(scale, 0) | _degrees(chord, tonic))[degrees]


@lru_cache(maxsize=4096)
def allowed(
    at: bytes,
    scale: tuple[int, ...],
    tonic: int,
    chord: tuple[int, ...],
    held: tuple[int, ...],
    final: bool,
    resting: bool,
    long: bool,
    forbidden: bytes | None,
) -> Ints:
    """Return which events the hard rules leave a note (1, else 0); see ``pitch._allowed``."""
    tones, smooth = _suits(at, chord, tonic)
    if held != chord:
        # It must not grate on the chord that comes while it is held, either.
        heard, clear = _suits(at, held, tonic)
        smooth = smooth & clear
        tones = next((found for found in (tones & heard, heard) if found.any()), tones)
    if final:
        home = tones & _stable(at, scale)
        tones = home if home.any() else tones
    fits = np.ones(len(tones), dtype=np.bool_)
    barred = fits & False if forbidden is None else np.frombuffer(forbidden, dtype=np.bool_)
    if not barred.all():
        tones, fits = tones & ~barred, fits & ~barred
    if resting and tones.any():
        fits = tones
    elif long and (fits & smooth).any():
        fits = fits & smooth
    return fits.astype(np.int64)


@lru_cache(maxsize=256)
def _stable(events: bytes, scale: tuple[int, ...]) -> NDArray[np.bool_]:
    """Return which events are tones of the tonic's chord."""
    return _degrees((0, 3 if 3 in scale and 4 not in scale else 4, 7), 0)[
        (np.frombuffer(events, dtype=np.int64) - REACH) % 12
    ]


@lru_cache(maxsize=4096)
def _suits(events: bytes, chord: tuple[int, ...], tonic: int) -> tuple[NDArray[np.bool_], NDArray[np.bool_]]:
    """Return which events are tones of the chord, and which may be held over the chord.

    A long note a semitone above a chord tone grates (the "avoid notes" of jazz harmony).
    """
    degrees = (np.frombuffer(events, dtype=np.int64) - REACH) % 12
    tones = _degrees(chord, tonic)
    return tones[degrees], (tones | ~np.roll(tones, 1))[degrees]


def _degrees(pitch_classes: Sequence[int], tonic: int) -> NDArray[np.bool_]:
    found = np.zeros(12, dtype=np.bool_)
    found[[(pitch_class - tonic) % 12 for pitch_class in pitch_classes]] = True
    return found
