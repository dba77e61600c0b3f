"""Score to performance: when and how hard each note is really played.

Every song has one of the drummers of Groove MIDI (``train.fit_feel``, ``train.players``): his loudness drum by
drum and sixteenth by sixteenth, swelling with the energy of the sections, his spread, how early or late he is;
strokes of one moment deviate partly together. The other parts lean on the same drummers with smaller
deviations of their own; how much smaller is chosen, not fitted.
``Request.feel`` and the style scale deviations; at 0 every note stands on the (swung) grid and its
velocity is that of its stress.
"""

from __future__ import annotations

from functools import lru_cache, partial
from math import isqrt
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from engine.models.feel import FeelTable, load_feel
from engine.song import GHOST, Part, Song
from engine.stream import Stream
from engine.theory.gm import KIT
from engine.theory.meter import SLOT, Meter

Ints = NDArray[np.int64]

_MODELS = "rock"  # a song carries no models; these are the drummers all styles share
_FARTHEST = 240  # tenths of a millisecond: what lies beyond is a slip and not a feel
_HARDEST = 260  # tenths of a velocity step, likewise
_WILDEST = 400  # the same for drummers, who differ among themselves

# Velocity by stress (ghost, soft, normal, accent): a balance for General MIDI kits, not fitted.
_LEVELS = {
    "kick": (58, 84, 98, 110), "snare": (34, 74, 98, 114), "ghost": (36, 74, 98, 114), "stick": (40, 68, 84, 98),
    "hat": (36, 64, 80, 94), "open": (40, 66, 82, 96), "pedal": (36, 54, 68, 80), "ride": (40, 64, 80, 94),
    "bell": (44, 66, 82, 96), "crash": (58, 80, 96, 108), "tom1": (46, 76, 94, 110), "tom2": (46, 76, 94, 110),
    "floor": (46, 78, 96, 112),
}  # fmt: skip
_PITCHED = (52, 76, 92, 106)
# The stress that a stroke of each row has on a beat and off it, unless something is meant by it.
_USUAL = {
    "kick": (3, 2), "snare": (3, 3), "ghost": (0, 0), "stick": (3, 3), "hat": (2, 1), "open": (2, 1), "pedal": (2, 1),
    "ride": (2, 1), "bell": (2, 1), "crash": (3, 3), "tom1": (3, 2), "tom2": (3, 2), "floor": (3, 2),
}  # fmt: skip
# The row of the drummer a part leans on, and percents of its deviations in time and in loudness.
_LEANS = {"bass": ("kick", 60, 50), "rhythm": ("hat", 50, 35), "lead": ("ride", 70, 50), "melody": ("ride", 70, 50)}
_LEAN = ("ride", 60, 40)
_ROW_OF = {"china": "crash", "crash2": "crash"}
# In other metres a slot is played like the slot of 4/4 that weighs the same.
_LIKE = (1, 2, 4, 8, 0)


class Played(NamedTuple):
    """A note as it sounds: ticks from the start of the song, ticks long, MIDI number, velocity 1..127."""

    start: int
    length: int
    pitch: int
    velocity: int


def perform(song: Song) -> dict[str, tuple[Played, ...]]:
    """Return the notes of each part as the band plays them, in the order of the score.

    No note starts before the song or sounds after its last bar, none passes another, and equal pitches
    never overlap. Draws depend on section, part, place and pitch: a new take of a part leaves every
    other note as it was.
    """
    # By columns and straight from pairs of tuples: lists of lists, or a call a note, took three times as long.
    played = partial(tuple.__new__, Played)
    return {name: tuple(map(played, zip(*rows.T.tolist(), strict=True))) for name, rows in performed(song).items()}


def performed(song: Song) -> dict[str, Ints]:
    """Return what ``perform`` returns, the notes of a part as the rows of an array, shape (notes, 4)."""
    table = load_feel(_MODELS)
    slots = song.bars * song.meter.slots
    moment = _draws(song, "band", slots, 1)[:, 0]
    return {part.name: _play(song, part, table, moment) for part in song.parts}


def _play(song: Song, part: Part, table: FeelTable, moment: Ints) -> Ints:
    if not part.notes:
        return np.zeros((0, 4), dtype=np.int64)
    # By columns: no note is made anew.
    start, length, pitch, stress = np.array(list(zip(*part.notes, strict=True))[:4], dtype=np.int64)
    slot = np.minimum(np.maximum(start // SLOT, 0), len(moment) - 1)
    place = _places(song.meter)[slot % song.meter.slots]
    if part.name == "drums":
        row = _drum_rows(table)[pitch]
        row = np.where((row == table.rows.index("snare")) & (stress == GHOST), table.rows.index("ghost"), row)
        level, columns, column = _levels(table)[row, stress], 2 * len(table.rows), 2 * row
        in_time = in_level = 100
        who = Stream.of(song.request.seed).at("feel", "drummer").below(len(table.players))
        own_level = 10 * (table.players[who, row, place] - _usual(table)[row, place])
        own_level += table.swell[_energies(song)[slot] - 1]
        span, loose, lag, widest = table.span[who, row], int(table.loose[who]), table.lag[who, row], _WILDEST
    else:
        lean, in_time, in_level = _LEANS.get(part.name, _LEAN)
        row = np.full_like(start, table.rows.index(lean))
        # A chord is one stroke: its notes share their draws.
        level, columns, column = np.array(_PITCHED)[stress], 2, np.zeros_like(start)
        own_level, span, loose, lag, widest = table.loud[row, place], np.full_like(row, 100), 100, 0 * row, _HARDEST
    own = _draws(song, part.name, len(moment), columns)
    quantiles = table.late.shape[1]

    def at(draws: Ints) -> Ints:
        return np.asarray(draws * quantiles >> 8)

    feel, sound = song.request.feel, song.feel
    shared = isqrt(table.together * 10_000)  # in thousandths: the root of the share
    alone = isqrt((100 - table.together) * 10_000)
    apart = shared * table.late[row, at(moment[slot])] + alone * table.late[row, at(own[slot, column])]
    late = table.pace[row, place] + lag + apart * loose // 100_000
    late = np.clip(late * in_time * feel * sound.timing // 10**6, -_FARTHEST, _FARTHEST)
    touch = np.clip(table.touch[row, at(own[slot, column + 1])] * span // 100, -widest, widest)
    touch = (own_level + touch) * in_level * feel * sound.velocity // 10**6
    velocity = np.clip(level + sound.force + (touch + 5) // 10, 1, 127)
    # A tenth of a millisecond is tempo / 1250 ticks.
    grid = _swing(start, sound.swing, sound.swing_unit)
    moved = _within(grid, (late * song.tempo + 625) // 1250)
    begin = grid + moved
    stop = _swing(start + length, sound.swing, sound.swing_unit) + _end_shift(start, length, moved)
    last = song.bars * song.meter.bar
    begin = np.clip(begin, 0, last - 1)
    stop = np.minimum(np.minimum(stop, last), _next_of_pitch(begin, pitch, last))
    sounding = np.maximum(stop - begin, 1)
    return np.stack((begin, sounding, pitch, velocity), axis=1)


def _draws(song: Song, part: str, slots: int, columns: int) -> Ints:
    """Return uniform bytes for every slot of the song, shape (slots, columns), by section and part."""
    root = Stream.of(song.request.seed).at("feel", part)
    data = b"".join(root.at(section.name).data(section.bars * song.meter.slots * columns) for section in song.sections)
    return np.frombuffer(data, dtype=np.uint8).astype(np.int64).reshape(slots, columns)


@lru_cache(maxsize=16)
def _places(meter: Meter) -> Ints:
    """Return for each slot of the bar the sixteenth of 4/4 it is played like."""
    if meter.slots == 16:
        return np.arange(16)
    return np.array([_LIKE[meter.weight(slot)] for slot in range(meter.slots)])


def _drum_rows(table: FeelTable) -> Ints:
    rows = np.full(128, table.rows.index("snare"))
    for name, number in KIT.items():
        rows[number] = table.rows.index(_ROW_OF.get(name, name))
    return rows


def _levels(table: FeelTable) -> Ints:
    return np.array([_LEVELS[name] for name in table.rows])


def _usual(table: FeelTable) -> Ints:
    """Return the velocity of the usual stress, shape (rows, 16)."""
    levels = _levels(table)
    return np.array(
        [[levels[r, _USUAL[name][slot % 4 > 0]] for slot in range(16)] for r, name in enumerate(table.rows)]
    )


def _energies(song: Song) -> Ints:
    """Return the energy of the section at every slot of the song."""
    energies = [section.energy for section in song.sections]
    return np.repeat(energies, [section.bars * song.meter.slots for section in song.sections])


def _swing(ticks: Ints, swing: int, unit: int) -> Ints:
    """Return times on a grid where the first of two notes of ``unit`` slots takes ``swing`` percent of both."""
    if swing == 50:
        return ticks
    half = unit * SLOT
    middle = half * swing // 50
    pair, inside = np.divmod(ticks, 2 * half)
    second = middle + (inside - half) * (2 * half - middle) // half
    return np.asarray(pair * 2 * half + np.where(inside < half, inside * middle // half, second))


def _within(times: Ints, shift: Ints) -> Ints:
    """Return shifts cut so that no note can reach one that stands at another time."""
    known = _distinct(times)
    where = np.searchsorted(known, times)
    gaps = np.diff(known, prepend=known[0] - 2 * SLOT, append=known[-1] + 2 * SLOT)
    reach = gaps * 2 // 5
    return np.clip(shift, -reach[:-1][where], reach[1:][where])


def _distinct(times: Ints) -> Ints:
    # As np.unique would, without the masked arrays that it loads.
    ordered = np.sort(times)
    found: Ints = ordered[np.append(True, ordered[1:] != ordered[:-1])]
    return found


def _end_shift(start: Ints, length: Ints, moved: Ints) -> Ints:
    """Return how far each end moves: with the note that starts there, so that lines stay joined, or with its own."""
    times = _distinct(start)
    first = np.searchsorted(start, times)
    end = start + length
    at = np.minimum(np.searchsorted(times, end), len(times) - 1)
    return np.where(times[at] == end, moved[first[at]], moved)


def _next_of_pitch(begin: Ints, pitch: Ints, last: int) -> Ints:
    """Return the start of the next note of the same pitch after each, or the song's end."""
    order = np.lexsort((begin, pitch))
    following = np.full_like(begin, last)
    same = pitch[order][1:] == pitch[order][:-1]
    following[order[:-1][same]] = begin[order][1:][same]
    return following
