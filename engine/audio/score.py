"""What is to be played: tracks of notes in samples, from a song; see midifile for others."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from engine.audio.soundfont import DRUM_BANK
from engine.audio.wave import RATE
from engine.errors import UsageError
from engine.perform import performed
from engine.song import Song
from engine.stream import Stream
from engine.theory.gm import KIT

Ints = NDArray[np.int64]

# Columns of a track's notes.
START, END, KEY, VELOCITY, MUTED = range(5)

_PARTS = ("melody", "lead", "rhythm", "bass", "drums")
# Roles of tracks that only their General MIDI program tells: by families of eight, but for the guitars.
_CLEAN, _DRIVEN = "clean", "rhythm"
_BY_PROGRAM = {**dict.fromkeys(range(24, 32), _CLEAN), 29: _DRIVEN, 30: _DRIVEN, **dict.fromkeys(range(32, 40), "bass")}
_BY_NAME = {"melody": "melody", "vocal": "melody", "voice": "melody", "lead guitar": "lead", "rhythm guitar": "rhythm"}
_STICK = KIT["stick"]
_APART = 9  # ms by which a second take may be early or late
_TIMES_ONLY = np.array([1, 1, 0, 0, 0])


NO_NOTES = np.zeros((0, 5), np.int64)


class Track(NamedTuple):
    """A player: notes as rows (start, end, key, velocity, muted), times in samples, in order of start.

    role: which channel of the mixer it goes to. volume, pan: 0..127. bends: (samples, semitones), levels:
    (samples, gain), in order; each holds until the next. again: the notes as played a second time, for a guitar that
    is recorded twice.
    """

    name: str
    role: str
    bank: int
    program: int
    notes: Ints
    volume: int = 100
    pan: int = 64
    bends: tuple[tuple[int, float], ...] = ()
    levels: tuple[tuple[int, float], ...] = ()
    again: Ints = NO_NOTES


class Score(NamedTuple):
    """Tracks, the first sample of each bar with the end of the last, and the first sample of each beat of the first."""

    tracks: tuple[Track, ...]
    bars: tuple[int, ...]
    beats: tuple[int, ...]


def song_score(song: Song) -> Score:
    """Return a song as its band performs it, palm mutes and all."""
    tracks = []
    for part, rows in zip(song.parts, performed(song).values(), strict=True):
        notes = np.zeros((len(rows), 5), np.int64)
        notes[:, START] = _samples(rows[:, 0], song.tempo)
        notes[:, END] = _samples(rows[:, 0] + rows[:, 1], song.tempo)
        notes[:, KEY], notes[:, VELOCITY] = rows[:, 2], rows[:, 3]
        notes[:, MUTED] = [note.mark == "mute" for note in part.notes]
        drums = part.name == "drums"
        role = part.name if part.name in _PARTS else role_of(part.track, part.program)
        bank, program = (DRUM_BANK, 0) if drums else (0, part.program)
        tracks.append(Track(part.name, role, bank, program, ordered(notes), part.volume, part.pan))
    bars = _samples(np.arange(song.bars + 1) * song.meter.bar, song.tempo)
    beats = _samples(np.arange(0, song.meter.bar, 1920 // song.meter.denominator), song.tempo)
    return Score(tuple(tracks), tuple(bars.tolist()), tuple(beats.tolist()))


def with_takes(score: Score) -> Score:
    """Return the score with second takes for the rhythm guitars."""
    tracks = (t._replace(again=_second_take(t.notes)) if t.role == "rhythm" else t for t in score.tracks)
    return score._replace(tracks=tuple(tracks))


def _second_take(notes: Ints) -> Ints:
    """Return the notes as the same player plays them once more: strokes a little off, and otherwise hard."""
    if not len(notes):
        return notes
    notes = notes.copy()
    _, stroke = np.unique(notes[:, START], return_inverse=True)
    draws = np.frombuffer(Stream.of(0).at("second take").data(2 * (int(stroke.max()) + 1)), np.uint8).astype(np.int64)
    late, hard = draws.reshape(-1, 2)[stroke.reshape(-1)].T
    shift = (late - 128) * _APART * RATE // 128_000
    notes[:, START] = np.maximum(notes[:, START] + shift, 0)
    notes[:, END] = np.maximum(notes[:, END] + shift, notes[:, START] + 1)
    notes[:, VELOCITY] = np.clip(notes[:, VELOCITY] + (hard - 128) // 24, 1, 127)
    return ordered(notes)


def looped(score: Score, first: int, last: int, least: int) -> tuple[Score, int, int]:
    """Return bars ``first`` to ``last`` (from 1) again and again, and the first sample and length of the turn to keep.

    Before that turn the loop has gone round for ``least`` samples or more, so that what rang on at its end
    rings on at its start. Raises UsageError for bars that are not there.
    """
    bars = len(score.bars) - 1
    if not 1 <= first <= last <= bars:
        raise UsageError(f"--loop {first}-{last}: the song has bars 1 to {bars}", "such as --loop 1-8")
    start, end = score.bars[first - 1], score.bars[last]
    length = end - start
    before = max(-(-least // length), 1)
    tracks = []
    for track in score.tracks:
        notes, again = (_turns(rows, start, end, before + 2) for rows in (track.notes, track.again))
        changes = [
            tuple(
                (max(at - start, 0) + k * length, value)
                for k in range(before + 2)
                for at, value in _within(held, start, end)
            )
            for held in (track.bends, track.levels)
        ]
        tracks.append(track._replace(notes=notes, again=again, bends=changes[0], levels=changes[1]))
    return Score(tuple(tracks), score.bars, score.beats), before * length, length


def _within(held: tuple[tuple[int, float], ...], start: int, end: int) -> list[tuple[int, float]]:
    return [*[row for row in held if row[0] <= start][-1:], *(row for row in held if start < row[0] < end)]


def _turns(notes: Ints, start: int, end: int, turns: int) -> Ints:
    # A stroke may come a little before its bar.
    early = RATE * 3 // 100
    rows = notes[(notes[:, START] >= start - early) & (notes[:, START] < end - early)].copy()
    rows[:, END] = np.maximum(np.minimum(rows[:, END], end), rows[:, START] + 1)
    found = np.concatenate([rows + (k * (end - start) - start) * _TIMES_ONLY for k in range(turns)])
    found[:, START] = np.maximum(found[:, START], 0)
    return ordered(found)


def counted_in(score: Score) -> Score:
    """Return the score after a bar of stick clicks, one a beat, the first the loudest."""
    bar = score.bars[1] - score.bars[0]
    clicks = [(at, at + RATE // 10, _STICK, 100 if at else 120, 0) for at in score.beats]
    tracks = [Track("click", "click", DRUM_BANK, 0, np.array(clicks, np.int64))]
    for track in score.tracks:
        notes, again = (rows + bar * _TIMES_ONLY for rows in (track.notes, track.again))
        bends, levels = (tuple((at + bar, value) for at, value in held) for held in (track.bends, track.levels))
        tracks.append(track._replace(notes=notes, again=again, bends=bends, levels=levels))
    return Score(tuple(tracks), (0, *(at + bar for at in score.bars)), score.beats)


def _samples(ticks: Ints, tempo: int) -> Ints:
    """Return the nearest samples to ticks, 480 to the beat, in whole numbers."""
    beat = 480 * tempo
    return (ticks * 60 * RATE * 2 + beat) // (2 * beat)


def ordered(notes: Ints) -> Ints:
    """Return notes by start, then key."""
    return notes[np.lexsort((notes[:, KEY], notes[:, START]))]


def role_of(name: str, program: int) -> str:
    """Return the channel of the mixer for a track of that name and program."""
    known = next((role for word, role in _BY_NAME.items() if word in name.lower()), "")
    return known or _BY_PROGRAM.get(program, "keys")
