"""The events of sung lines: every note and every slot, with what is known before it."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from statistics import median

import numpy as np

from engine.models.pitch import (
    FIRST,
    KINDS,
    LAST,
    MIDDLE,
    NONE,
    REACH,
    Place,
    age,
    motions,
    past_columns,
    place_columns,
)
from engine.models.rhythm import STATES, Moment, history_columns, moment_columns
from engine.models.viewpoints import Columns, Ints
from engine.theory.meter import Meter
from engine.train.song_manners import SHORTEST, kind_of, middles, spread
from engine.train.sung_notes import Sung

_METER = Meter(4, 4)
Row = tuple[int, ...]


def pitch_rows(
    lines: Iterable[Sequence[Sung]],
    notes: Sequence[Sung],
    palette: int,
    gait: int,
    owner: int,
    meter: Meter = _METER,
) -> list[Row]:
    """Return a row for every note of a song's lines, for ``pitch_columns``.

    notes: all notes of the song. palette, gait: its classes (``song_manners``). owner: its number.
    """
    rows: list[Row] = []
    spreads, about = spread(notes), middles(notes)
    tonic = (notes[0].pitch - notes[0].degree) % 12
    centre = tonic + 12 * round((median(n.pitch for n in notes) - tonic) / 12)
    heights = [min(max(round(middle) - centre, -REACH), REACH) + REACH for middle in about]
    earlier = [NONE, NONE]
    for phrase in lines:
        for i, note in enumerate(phrase):
            last, kind = i == len(phrase) - 1, kind_of(note)
            rows.append(
                (
                    note.chord,
                    meter.weight(note.slot),
                    min(note.slot - phrase[i - 1].slot, 8) if i else 0,
                    9 if last else min(phrase[i + 1].slot - note.slot, 8),
                    FIRST if i == 0 else LAST if last else MIDDLE,
                    i * 4 // len(phrase),
                    kind,
                    note.slot % 16,
                    age(len(earlier) - 2),
                    heights[kind],
                    palette,
                    gait,
                    spreads,
                    min(max(note.pitch - centre, -REACH), REACH) + REACH,
                    earlier[-1],
                    earlier[-2],
                    owner,
                )
            )
            earlier.append(rows[-1][-4])
    return rows


def pitch_columns(rows: Sequence[Row]) -> tuple[Columns, Ints, Ints]:
    """Return (columns, events, song numbers) of such rows."""
    *places, event, first, second, owners = np.array(rows, dtype=np.int64).T
    columns = place_columns(Place(*places))
    return {**columns, **past_columns(first, motions(first, second), columns["root"], columns["middle"])}, event, owners


def slot_rows(lines: Iterable[Sequence[Sung]], pace: int, grain: int, owner: int) -> list[Row]:
    """Return a row for every slot of a song's lines, for ``slot_columns``. pace, grain: of the song."""
    rows: list[Row] = []
    gone = 0
    for line in lines:
        start, end = line[0].slot, line[-1].slot
        if end - start < SHORTEST:
            continue
        onsets, history = {n.slot for n in line}, 1
        kind = KINDS.index(line[0].kind) if line[0].kind in KINDS else 4
        for slot in range(start + 1, end):
            hit = int(slot in onsets)
            rows.append((hit, slot % 16, end - slot, kind, pace, grain, age(gone // 4), history, owner))
            history = (history << 1 | hit) & (STATES - 1)
        gone += end - start - 1
    return rows


def slot_columns(rows: Sequence[Row]) -> tuple[Columns, Ints, Ints]:
    """Return (columns, onsets, song numbers) of such rows."""
    onset, *place, past, owners = np.array(rows, dtype=np.int64).T
    return {**moment_columns(Moment(*place)), **history_columns(past)}, onset, owners
