"""A batch of heard songs to counts: the events of every model, and what songs are like as wholes."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import NamedTuple

import numpy as np

from engine.learn.count_views import count_views
from engine.learn.counts import Counts
from engine.learn.facts import count_facts
from engine.learn.known import keep_melody
from engine.learn.parent import MIXTURES, Parent
from engine.learn.raw import Ints
from engine.learn.retell import Retold, in_fours, retell
from engine.learn.song import Heard
from engine.models.rhythm import LONGEST, pace
from engine.models.viewpoints import Columns
from engine.theory.meter import Meter
from engine.train.bass_lines import Line, line_of
from engine.train.chord_lines import reading
from engine.train.corpora.freedoom import Band
from engine.train.drum_bars import bars_of
from engine.train.drum_songs import Song, feet_columns, hand_columns, song_of, sounding
from engine.train.fit_bass import pitch_events, rhythm_events
from engine.train.fit_guitar import Strum, last_open, strum_of
from engine.train.fit_manner import row_of
from engine.train.lead_lines import Lick, lick_of
from engine.train.song_manners import grain_of
from engine.train.sung_events import pitch_columns, pitch_rows, slot_columns, slot_rows
from engine.train.sung_notes import BREATH, lines, new_lines

_FOUR = Meter(4, 4)
_LEAST = 16  # notes of a melody
_BARS = 48  # bars of drumming that are learnt from; bands repeat themselves for longer
_WHOLE = 8  # bars that show what a song is like

Events = tuple[Columns, Ints, Ints]  # columns, events, song numbers


class Parts(NamedTuple):
    """What a batch of songs plays, song by song: (number of the song, its part)."""

    pitch: list[tuple[int, ...]]
    slots: list[tuple[int, ...]]
    basses: list[tuple[int, Line]]
    drums: list[tuple[int, Song, Ints]]
    strums: list[tuple[int, Strum]]
    licks: list[tuple[int, Lick]]


class Told(NamedTuple):
    """What a song was used for: models by name, and how many events each got."""

    hash: str
    used: dict[str, int]


def tally(
    songs: Sequence[tuple[str, Heard]], parent: Parent, counts: Counts, side: str, facts: bool = True
) -> tuple[Told, ...]:
    """Add songs to counts; return what each was used for.

    songs: (hash, song). side: what the tables' names begin with, "seen/" or "held/". facts: count whole songs too.
    """
    parts = Parts([], [], [], [], [], [])
    told = []
    for number, (hash_, song) in enumerate(songs):
        heard = in_fours(song)
        again = retell(heard, hash_)
        used = _take_apart(number, again, heard, parent, parts)
        if facts:
            _whole(hash_, again, heard, parent, parts, counts, number, side)
        told.append(Told(hash_, used))
    for name, events in mixture_events(parts, parent).items():
        count_views(counts, side + name, parent.mixtures[name], *events)
    for _, strum in parts.strums:
        _count_strum(counts, side, strum)
    for _, lick in parts.licks:
        _count_lick(counts, side, lick)
    return tuple(told)


def mixture_events(parts: Parts, parent: Parent) -> dict[str, Events]:
    """Return the events of every mixture that a batch has any for."""
    found: dict[str, Events] = {}
    if parts.pitch:
        found["pitch"] = pitch_columns(parts.pitch)
    if parts.slots:
        found["rhythm"] = slot_columns(parts.slots)
    if parts.basses:
        played = [line for _, line in parts.basses]
        owners = np.array([number for number, _ in parts.basses])
        for name, events in (("bass_rhythm", rhythm_events), ("bass_pitch", pitch_events)):
            columns, what, songs = events(played)
            found[name] = columns, what, owners[songs]
    if parts.drums:
        found["feet"], found["hands"] = _drum_events(parts.drums, parent)
    return {name: found[name] for name in MIXTURES if name in found}


def parts_of(heard: Heard, parent: Parent) -> Parts:
    """Return what one song plays."""
    parts = Parts([], [], [], [], [], [])
    song = in_fours(heard)
    _take_apart(0, retell(song, ""), song, parent, parts)
    return parts


def _take_apart(number: int, again: Retold, heard: Heard, parent: Parent, parts: Parts) -> dict[str, int]:
    used: dict[str, int] = {}
    notes = again.sung
    if len(notes) >= _LEAST:
        found = list(new_lines(again.song, notes))
        before = len(parts.pitch)
        parts.pitch.extend(
            pitch_rows(found, notes, parent.palette(notes), parent.gait(notes), number, _frame(again.frame))
        )
        used["melody"] = len(parts.pitch) - before
        if again.frame == _FOUR:
            parts.slots.extend(slot_rows(found, pace(heard.tempo), grain_of(lines(again.song, notes)), number))
    if again.band is not None:
        _take_band(number, again.band, parent, parts, used)
    if again.take is not None:
        bars = sounding(bars_of(again.take))
        bars = bars._replace(foot=bars.foot[:_BARS], hand=bars.hand[:_BARS])
        if len(bars.foot) >= 2:
            song = song_of(again.take, bars, parent.groove(bars), *parent.usual)
            parts.drums.append((number, song, parent.bar_states(song.bars)))
            used["drums"] = len(bars.foot)
    return used


def _take_band(number: int, band: Band, parent: Parent, parts: Parts, used: dict[str, int]) -> None:
    line = line_of(band) if band.bass else None
    if line is not None:
        parts.basses.append((number, parent.bass_line(line)))
        used["bass"] = len(line.pitch)
    strums = [strum for track in band.guitars if (strum := strum_of(band, track)) is not None]
    parts.strums.extend((number, parent.strum(strum)) for strum in strums)
    if strums:
        used["guitar"] = sum(int(strum.onset.sum()) for strum in strums)
    licks = [lick for track in band.leads if (lick := lick_of(band, track)) is not None]
    parts.licks.extend((number, lick) for lick in licks)
    if licks:
        used["lead"] = sum(len(lick.move) for lick in licks)


def _drum_events(drums: list[tuple[int, Song, Ints]], parent: Parent) -> tuple[Events, Events]:
    columns = parent.hand_columns()
    size = int(columns.max()) + 1
    feet, hands, foot, hand, owners = [], [], [], [], []
    for number, song, state in drums:
        own = columns[song.bars.hand]
        usual = np.repeat(song.usual, 16)
        feet.append({key: values[usual] for key, values in feet_columns(song, state).items()})
        hands.append({key: values[usual] for key, values in hand_columns(song, state, own, size).items()})
        foot.append(song.bars.foot.ravel()[usual])
        hand.append(own.ravel()[usual])
        owners.append(np.full(int(usual.sum()), number))
    songs = np.concatenate(owners)
    return (_joined(feet), np.concatenate(foot), songs), (_joined(hands), np.concatenate(hand), songs)


def _joined(parts: list[dict[str, Ints]]) -> Columns:
    return {name: np.concatenate([part[name] for part in parts]) for name in parts[0]}


def _frame(meter: Meter) -> Meter:
    # ``retell`` lays every bar in sixteen slots; bars of twelve leave the last four empty.
    return meter if meter.slots == 16 else _FOUR


def _whole(
    hash_: str, again: Retold, heard: Heard, parent: Parent, parts: Parts, counts: Counts, number: int, side: str
) -> None:
    # A song as a whole: its facts, its chords and form, how it is sung and drummed, what its bass does.
    count_facts(counts, side, heard, again)
    read = reading(again.song)
    value: dict[str, object] = {
        "mode": read.mode,
        "lines": [[line.kind, " ".join(line.halves)] for line in read.lines],
        "full": sorted({numeral: read.full.count(numeral) for numeral in read.full}.items()),
        "form": [[section.kind, len(section.bars)] for section in again.song.sections],
    }
    counts.keep(f"{side}songs", hash_, value)
    notes = again.sung
    if len(notes) >= _LEAST:
        counts.keep(f"{side}manner", hash_, list(row_of(again.song, notes, parent.palette(notes), parent.gait(notes))))
        _count_lengths(counts, side, heard)
        keep_melody(counts, side, hash_, heard)
    for owner, song, _ in parts.drums[-1:]:
        if owner == number and len(song.bars.foot) >= _WHOLE:
            counts.keep(f"{side}drums", hash_, [*map(int, song.traits), len(song.bars.foot)])
    for owner, line in parts.basses[-1:]:
        if owner == number:
            row = (*line.manner, line.even, line.one, line.density, line.low, line.high, line.middle)
            counts.keep(f"{side}bass", hash_, [int(value) for value in row])


def _count_lengths(counts: Counts, side: str, heard: Heard) -> None:
    notes = heard.played("melody")[0].notes
    start, length = (np.rint(notes[:, column] / 120).astype(np.int64) for column in (0, 1))
    first = np.flatnonzero(np.diff(start, prepend=-99) > 0)
    start, length = start[first], length[first]
    wait = np.diff(start)
    length = length[:-1]
    good = (length >= 1) & (length <= wait)
    size = LONGEST + 1
    key = ((wait >= BREATH) * size + np.minimum(wait, LONGEST)) * size + np.minimum(length, LONGEST)
    counts.add(f"{side}lengths", key[good])


def _count_strum(counts: Counts, side: str, line: Strum) -> None:
    # Axes as in train.fit_guitar.StrumModel.
    _add(counts, f"{side}guitar/rhythm",
         (line.guess, line.trust, line.drum, line.position, line.past, line.onset), (3, 6, 3, 16, 16, 2))  # fmt: skip
    _add(counts, f"{side}guitar/free",
         (line.position, line.cluster, line.drum, line.past, line.onset), (16, 8, 3, 16, 2))  # fmt: skip
    struck = line.onset == 1
    at = (line.gap[struck], last_open(line), line.cluster[struck], line.position[struck], line.drum[struck])
    _add(counts, f"{side}guitar/open", (*at, line.open[struck]), (4, 3, 8, 16, 3, 2))
    counts.add(f"{side}guitar/bars", line.cluster[::16])


def _count_lick(counts: Counts, side: str, line: Lick) -> None:
    # Axes as in train.fit_guitar.LickModel.
    _add(
        counts, f"{side}lead/rhythm", (line.guess, line.trust, line.position, line.past, line.onset), (3, 6, 16, 16, 2)
    )
    _add(counts, f"{side}lead/free", (line.position, line.past, line.onset), (16, 16, 2))
    _add(counts, f"{side}lead/move", (line.direction, line.move), (7, 25))
    told = line.sure > 0
    _add(counts, f"{side}lead/copy", (line.sure[told], (line.move == line.memory)[told].astype(np.int64)), (6, 2))


def _add(counts: Counts, name: str, at: Iterable[Ints], shape: tuple[int, ...]) -> None:
    counts.add(name, np.ravel_multi_index(tuple(at), shape))
