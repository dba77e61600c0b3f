"""Form and repetition: sections, bars that return, and how alike sections are."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np

from engine.measure.harmony import chord_changes, chroma_by_slot, triad
from engine.measure.piece import PITCH, START, Bools, Floats, Ints, Piece, Span
from engine.measure.thumbnail import best_fitness

_SHIFTS = range(-2, 3)  # bars by which two sections may be moved against each other


def structure_measures(piece: Piece) -> dict[str, float]:
    """Return the measures of form and repetition; those that want sections are NaN without."""
    sections = joined(piece.sections)
    kinds = [section.kind for section in sections]
    found = {"n_bars": float(piece.bars)}
    if sections:
        found |= {
            "n_sections": float(len(sections)),
            "n_verse": float(kinds.count("verse")),
            "n_chorus": float(kinds.count("chorus")),
            "section_len_multiple_of_4": float(np.mean([section.bars % 4 == 0 for section in sections])),
        }
    if len(piece.melody) < 2:
        return found
    rows = _melody_bars(piece, piece.width)
    sung = (rows >= 0).any(axis=1)
    chords = _chord_bars(piece)
    found |= {
        "bars_repeated": repeated(np.hstack([rows, chords])),
        "mel_bars_repeated": repeated(rows[sung]),
        **_alike(sections, rows),
        **_chorus_over_verse(piece, sections),
        **best_fitness(_bar_similarity(piece)),
    }
    return found


def joined(sections: tuple[Span, ...]) -> tuple[Span, ...]:
    """Return the sections with neighbours of one kind joined, as annotators and listeners count them."""
    rows: list[Span] = []
    for section in sections:
        if rows and rows[-1].kind == section.kind and rows[-1].start + rows[-1].bars == section.start:
            rows[-1] = rows[-1]._replace(bars=rows[-1].bars + section.bars)
        else:
            rows.append(section)
    return tuple(rows)


def _melody_bars(piece: Piece, width: int) -> Ints:
    # Pitch class by slot of each bar, -1 where no note starts.
    rows = np.full((piece.bars, width), -1, np.int64)
    start = piece.melody[:, START]
    place = piece.place_of(start)
    keep = (place >= 0) & (place < width)
    rows[piece.bar_of(start)[keep], place[keep]] = piece.melody[keep, PITCH] % 12
    return rows


def _chord_bars(piece: Piece) -> Ints:
    names = {name: i for i, name in enumerate(dict.fromkeys(chord_changes(piece)))}
    number = np.array([names[chord.root, triad(chord.steps)] for chord in piece.chords] + [-1], np.int64)
    return _by_bar(piece, number[piece.chord_index], -1)


def _by_bar(piece: Piece, values: Ints, empty: int) -> Ints:
    # Values by slot, cut into rows of a bar; shape (bars, width, ...).
    rows = np.full((piece.bars, piece.width, *values.shape[1:]), empty, values.dtype)
    slots = np.arange(piece.end)
    place = piece.place_of(slots)
    keep = place < piece.width
    rows[piece.bar_of(slots)[keep], place[keep]] = values[keep]
    return rows


def repeated(rows: Ints) -> float:
    """Return the share of rows that are the same as an earlier one; NaN if there is none."""
    return 1 - len({row.tobytes() for row in rows}) / len(rows) if len(rows) else np.nan


class _Pair(NamedTuple):
    name: str
    first: tuple[str, int]
    second: tuple[str, int]


_PAIRS = (
    _Pair("sim_chorus_chorus", ("chorus", 0), ("chorus", 1)),
    _Pair("sim_verse_verse", ("verse", 0), ("verse", 1)),
    _Pair("sim_verse_chorus", ("verse", 0), ("chorus", 0)),
)


def _alike(sections: tuple[Span, ...], rows: Ints) -> dict[str, float]:
    """Return the likeness of the first two choruses, the first two verses, and the first verse and chorus."""
    cosine = _cosine(_one_hot(rows))
    sung: Bools = np.asarray((rows >= 0).any(axis=1))
    found = {}
    for name, *places in _PAIRS:
        chosen = []
        for kind, number in places:
            of_kind = [section for section in sections if section.kind == kind]
            if number < len(of_kind):
                chosen.append(of_kind[number])
        found[name] = _likeness(chosen[0], chosen[1], cosine, sung) if len(chosen) == 2 else np.nan
    return found


def _likeness(first: Span, second: Span, cosine: Floats, sung: Bools) -> float:
    # Mean cosine of facing bars, bars silent in both left out; best of all shifts.
    best = np.nan
    for shift in _SHIFTS:
        low, high = max(0, -shift), min(first.bars, second.bars - shift)
        ours = np.arange(first.start + low, first.start + high)
        theirs = np.arange(second.start + low + shift, second.start + high + shift)
        if high <= low:
            continue
        heard = sung[ours] | sung[theirs]
        if heard.any():
            best = np.nanmax([best, float(cosine[ours[heard], theirs[heard]].mean())])
    return float(best)


def _one_hot(rows: Ints) -> Floats:
    return np.asarray((rows[:, :, None] == np.arange(12)).reshape(len(rows), -1), float)


def _cosine(rows: Floats, silence: float = 0.0) -> Floats:
    # Cosine of every pair of rows; two empty rows are alike by ``silence``.
    length = np.linalg.norm(rows, axis=1)
    unit = rows / np.maximum(length, 1e-12)[:, None]
    alike = unit @ unit.T
    empty = length == 0
    alike[np.ix_(empty, empty)] = silence
    return np.asarray(alike)


def _chorus_over_verse(piece: Piece, sections: tuple[Span, ...]) -> dict[str, float]:
    kind_of_bar = np.zeros(piece.bars, np.int64)
    for section in sections:
        number = {"verse": 1, "chorus": 2}.get(section.kind, 0)
        kind_of_bar[section.start : section.start + section.bars] = number
    of_note = kind_of_bar[piece.bar_of(piece.melody[:, START])]
    verse, chorus = (piece.melody[of_note == number, PITCH] for number in (1, 2))
    if not len(verse) or not len(chorus):
        return {"chorus_minus_verse_pitch": np.nan, "chorus_over_verse_density": np.nan}
    density = [len(notes) / int((kind_of_bar == number).sum()) for number, notes in ((1, verse), (2, chorus))]
    return {
        "chorus_minus_verse_pitch": float(chorus.mean() - verse.mean()),
        "chorus_over_verse_density": density[1] / density[0],
    }


def _bar_similarity(piece: Piece) -> Floats:
    # Half from the melody (pitch class sounding at each sixteenth), half from the chords (chroma likewise).
    sounding = np.full(piece.end, -1, np.int64)
    for start, length, pitch in piece.melody.tolist():
        sounding[max(0, start) : start + length] = pitch % 12
    melody = _one_hot(_by_bar(piece, sounding, -1))
    chords = _by_bar(piece, chroma_by_slot(piece), 0).reshape(piece.bars, -1).astype(float)
    return np.asarray((_cosine(melody) + _cosine(chords)) / 2)
