"""Series derived from the events so far and the side information, for the prediction of event files.

Every function takes the series of one song and returns another. One that looks at events and is ``known`` at its
own place looks only at earlier events.
"""

from __future__ import annotations

import numpy as np

from engine.models.viewpoints import Ints
from engine.train.events import Derive, Past, Series, lagged


def root(past: Past) -> Series:
    """Return the root of the chord in force, 0..11 above the tonic; 12 when unknown."""
    chord = past["chord"].values
    return Series(np.where(chord == 48, 12, chord // 4), 13, True)


def kind(past: Past) -> Series:
    """Return the triad's kind, 0..3; 4 when unknown."""
    chord = past["chord"].values
    return Series(np.where(chord == 48, 4, chord % 4), 5, True)


def index(limit: int) -> Derive:
    """Return a series of how many events lie before, up to ``limit``."""

    def derive(past: Past) -> Series:
        return Series(np.minimum(np.arange(len(past["x"].values)), limit), limit + 1, True)

    return derive


def place(cycle: int) -> Derive:
    """Return a series of how many events lie before, modulo ``cycle``."""

    def derive(past: Past) -> Series:
        return Series(np.arange(len(past["x"].values)) % cycle, cycle, True)

    return derive


def motion(quality: int = 1) -> Derive:
    """Return the step from the event before, modulo the octave: of the roots when an event is root * quality + kind."""

    def derive(past: Past) -> Series:
        values, size = past["x"].values // quality, past["x"].size // quality
        return Series((values - lagged(values, 1, 0)) % size, size, False)

    return derive


def over_root(back: int) -> Derive:
    """Return the event ``back`` places ago above the root of the chord now, 0..11; 12 when either is unknown."""

    def derive(past: Past) -> Series:
        base = past["root"].values
        before = lagged(past["x"].values, back, -1)
        return Series(np.where((base == 12) | (before < 0), 12, (before - _middle(past) - base) % 12), 13, True)

    return derive


def since(limit: int) -> Derive:
    """Return how many places ago the last event other than 0 was, up to ``limit``."""

    def derive(past: Past) -> Series:
        where = np.arange(len(past["x"].values))
        last = np.maximum.accumulate(np.where(past["x"].values > 0, where, -limit - 1))
        return Series(np.minimum(where - lagged(last, 1, -limit - 1), limit), limit + 1, True)

    return derive


def last_sound(past: Past) -> Series:
    """Return the last event other than 0 before here; 0 for none."""
    values = past["x"].values
    where = np.maximum.accumulate(np.where(values > 0, np.arange(len(values)), -1))
    held = np.where(where >= 0, values[where], 0)
    return Series(lagged(held, 1, 0), past["x"].size, True)


def ago(event: int, limit: int) -> Derive:
    """Return how many places ago an event last came, up to ``limit``."""

    def derive(past: Past) -> Series:
        where = np.arange(len(past["x"].values))
        last = np.maximum.accumulate(np.where(past["x"].values == event, where, -limit - 1))
        return Series(np.minimum(where - lagged(last, 1, -limit - 1), limit), limit + 1, True)

    return derive


def bit(number: int) -> Derive:
    """Return one bit of each event."""

    def derive(past: Past) -> Series:
        return Series((past["x"].values >> number) & 1, 2, False)

    return derive


def quarter(past: Past) -> Series:
    """Return the place in the quarter note, 0..3."""
    return Series(past["beat"].values % 4, 4, True)


def run(limit: int) -> Derive:
    """Return how long the last event has been repeated, up to ``limit``."""

    def derive(past: Past) -> Series:
        values = past["x"].values
        where = np.arange(len(values))
        start = np.maximum.accumulate(np.where(values != lagged(values, 1, -1), where, 0))
        return Series(np.minimum(lagged(where - start, 1, 0), limit), limit + 1, True)

    return derive


def change(back: int) -> Derive:
    """Return the event ``back`` changes ago: 1 the one before the last run of equal events; their number for none."""

    def derive(past: Past) -> Series:
        values, events = past["x"].values, past["x"].size
        starts = np.flatnonzero(values != lagged(values, 1, -1))
        runs = np.concatenate([[0], np.cumsum(values != lagged(values, 1, -1))[:-1]])  # runs begun before here
        wanted = runs - 1 - back
        found = np.where(wanted >= 0, values[starts[np.maximum(wanted, 0)]], events)
        return Series(found, events + 1, True)

    return derive


def seen(event: int, limit: int) -> Derive:
    """Return how often an event has come so far, up to ``limit``."""

    def derive(past: Past) -> Series:
        count = np.cumsum(past["x"].values == event)
        return Series(np.minimum(lagged(count, 1, 0), limit), limit + 1, True)

    return derive


def gap(past: Past) -> Series:
    """Return the sixteenths from the last onset to this one, modulo the bar."""
    beat = past["beat"].values
    return Series((beat - lagged(beat, 1, 0)) % 16, 16, True)


def next_onset(back: int, limit: int = 33) -> Derive:
    """Return how long after the place ``back`` sixteenths ago the next onset came, up to ``limit`` (or not yet)."""

    def derive(past: Past) -> Series:
        ioi = past["x"].values + 1
        at = np.concatenate([[0], np.cumsum(ioi)[:-1]])
        found = np.searchsorted(at, at - back, side="right")
        wait = at[np.minimum(found, np.arange(len(at)))] - (at - back)
        return Series(np.minimum(np.where(at < back, limit, wait), limit), limit + 1, True)

    return derive


def among(lags: tuple[int, ...], step: int = 1) -> Derive:
    """Return how many of the events at those distances back were other than 0, in classes of ``step``."""

    def derive(past: Past) -> Series:
        total: Ints = np.zeros(len(past["x"].values), dtype=np.int64)
        for lag in lags:
            total += lagged(past["x"].values, lag, 0) > 0
        return Series(total // step, len(lags) // step + 1, True)

    return derive


def changed(name: str) -> Derive:
    """Return 1 where a known series differs from the place before."""

    def derive(past: Past) -> Series:
        values = past[name].values
        return Series((values != lagged(values, 1, -1)).astype(np.int64), 2, True)

    return derive


def sung(size: int, degrees: tuple[int, ...]) -> Derive:
    """Return which degrees of the chromatic scale were among the last ``size`` notes, one bit each."""

    def derive(past: Past) -> Series:
        values = past["x"].values - _middle(past)
        here = np.arange(len(values))
        total: Ints = np.zeros(len(values), dtype=np.int64)
        for bit, degree in enumerate(degrees):
            count = np.concatenate([[0], np.cumsum(values % 12 == degree)])
            total += (count[here] > count[np.maximum(here - size, 0)]) << bit
        return Series(total, 1 << len(degrees), True)

    return derive


def used(chords: tuple[int, ...], size: int) -> Derive:
    """Return which of these events were among the last ``size``, one bit each."""

    def derive(past: Past) -> Series:
        values = past["x"].values
        here = np.arange(len(values))
        total: Ints = np.zeros(len(values), dtype=np.int64)
        for bit, chord in enumerate(chords):
            count = np.concatenate([[0], np.cumsum(values == chord)])
            total += (count[here] > count[np.maximum(here - size, 0)]) << bit
        return Series(total, 1 << len(chords), True)

    return derive


def extreme(size: int, highest: bool) -> Derive:
    """Return the highest or lowest of the last ``size`` events; their number where there is none."""

    def derive(past: Past) -> Series:
        values, events = past["x"].values, past["x"].size
        worst = -1 if highest else events
        windows = np.stack([lagged(values, back, worst) for back in range(1, size + 1)])
        found = windows.max(axis=0) if highest else windows.min(axis=0)
        return Series(np.where(found < 0, events, found), events + 1, True)

    return derive


def sound(past: Past) -> Series:
    """Return a bass event as 1 + its pitch class above the tonic, 0 for none."""
    values = past["x"].values
    return Series(np.where(values == 0, 0, 1 + (values - 1 + past["root"].values % 12) % 12), 13, False)


def _middle(past: Past) -> int:
    # Pitches are counted from a tonic in the middle; scale degrees from 0.
    return 30 if past["x"].size == 61 else 0
