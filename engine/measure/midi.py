"""MIDI files as pieces: ours by track names, markers and chord texts, others by programs.

Times are rounded to the nearest sixteenth. Drums are channel 10; the bass is a track called so or played
by General MIDI programs 32..39 (of several, the one with most notes); the melody a track called "melody",
"vocal", "voice", "vox" or "sing". Sections are markers such as ``Verse 1`` or ``Guitar Solo``. Chords are text events
``chord:Am7``; where a file in 4/4 has none they are estimated from its guitars and keyboards.
"""

from __future__ import annotations

from pathlib import Path
from typing import NamedTuple

import numpy as np

from engine.errors import EngineError, SongFileError
from engine.measure.piece import (
    DRUM_CLASS_OF,
    PITCH,
    Harmony,
    Ints,
    Piece,
    Span,
    drum_tables,
    notes_table,
)
from engine.midifile import open_midi
from engine.theory.chord import parse_symbol
from engine.theory.key import Key
from engine.theory.meter import Meter

_SUNG = ("melody", "vocal", "voice", "vox", "sing")
_BACKING = ("back", "choir", "harmon")
_BASSES = range(32, 40)
_GUITARS = range(24, 32)
_DRUMS = 9
_FAR_MORE = 1.5
# Kinds of section by what a marker may call them, the first that it holds.
_KIND_OF = {
    "prechorus": "prechorus", "pre-chorus": "prechorus", "pre chorus": "prechorus", "chorus": "chorus",
    "refrain": "chorus", "verse": "verse", "intro": "intro", "outro": "outro", "coda": "outro", "ending": "outro",
    "bridge": "bridge", "middle": "bridge", "solo": "solo", "interlude": "interlude", "instrumental": "interlude",
    "link": "interlude", "break": "interlude",
}  # fmt: skip


class Voice(NamedTuple):
    """What one program plays on one channel of a track: (first slot, slots long, pitch, velocity) a note."""

    track: int
    name: str
    channel: int
    program: int
    notes: list[tuple[int, int, int, int]]


class Score(NamedTuple):
    """A MIDI file on the grid: voices, and (slot, what) of metres, markers and chords; key if one is told."""

    name: str
    voices: list[Voice]
    meters: list[tuple[int, Meter]]
    markers: list[tuple[int, str]]
    chords: list[tuple[int, str]]
    key: Key | None


def read_score(path: Path) -> Score:
    """Return the score of a MIDI file; raises SongFileError when it cannot be read."""
    file = open_midi(path)
    unit = file.beat / 4
    voices: dict[tuple[int, int, int], Voice] = {}
    meters: list[tuple[int, Meter]] = []
    markers: list[tuple[int, str]] = []
    chords: list[tuple[int, str]] = []
    key: Key | None = None
    for number, source in enumerate(file.tracks):
        programs: dict[int, int] = {}
        sounding: dict[tuple[int, int], tuple[int, int, int]] = {}
        name = ""
        for tick, message in source:
            slot = round(tick / unit)
            if message.type == "track_name":
                name = message.name
            elif message.type == "marker":
                markers.append((slot, message.text))
            elif message.type == "text" and message.text.startswith("chord:"):
                chords.append((slot, message.text[6:]))
            elif message.type == "time_signature":
                meters.append((slot, _meter(message.numerator, message.denominator)))
            elif message.type == "key_signature" and key is None:
                key = Key.parse(message.key)
            elif message.type == "program_change":
                programs[message.channel] = message.program
            elif message.type in ("note_on", "note_off"):
                struck = (message.channel, message.note)
                if struck in sounding:
                    first, velocity, program = sounding.pop(struck)
                    place = (number, message.channel, program)
                    voice = voices.setdefault(place, Voice(number, name.lower(), message.channel, program, []))
                    start = round(first / unit)
                    voice.notes.append((start, max(1, slot - start), message.note, velocity))
                if message.type == "note_on" and message.velocity:
                    sounding[struck] = (tick, message.velocity, programs.get(message.channel, 0))
    meters.sort(key=lambda item: item[0])
    return Score(path.stem, list(voices.values()), meters or [(0, Meter())], sorted(markers), sorted(chords), key)


def piece_from_midi(path: Path) -> Piece:
    """Return the piece of a MIDI file; raises SongFileError when it cannot be read or is empty."""
    return piece_from_score(read_score(path))


def piece_from_score(score: Score) -> Piece:
    """Return the piece of a score; raises SongFileError when it is empty."""
    end = max((start + length for voice in score.voices for start, length, _, _ in voice.notes), default=0)
    if not end:
        raise SongFileError(f"{score.name} has no notes")
    starts = _bar_starts(score.meters, end)
    pitched = [voice for voice in score.voices if voice.channel != _DRUMS]
    sung = [voice for voice in pitched if any(word in voice.name for word in _SUNG)]
    sung = [voice for voice in sung if not any(word in voice.name for word in _BACKING)] or sung
    basses = [v for v in pitched if "bass" in v.name] or [v for v in pitched if v.program in _BASSES]
    hits = [(a, pitch, loud) for v in score.voices if v.channel == _DRUMS for a, _, pitch, loud in v.notes]
    chords, meter = _chords(score.chords, int(starts[-1])), _usual(score.meters, int(starts[-1]))
    guessed = [] if score.key else ["tonic"]
    if not chords and {Meter(4, 4)} == {meter for _, meter in score.meters}:
        chords = _estimated([voice for voice in pitched if voice not in sung and voice not in basses], len(starts) - 1)
        guessed += ["chords"] if chords else []
    return Piece(
        score.name,
        _tonic(score.key, chords) if score.key else _likely_tonic(pitched),
        meter,
        starts,
        _sections(score.markers, starts),
        chords,
        _line(max(sung, key=lambda voice: len(voice.notes), default=None), 1),
        _line(max(basses, key=lambda voice: len(voice.notes), default=None), -1),
        drum_tables(hits) if any(pitch in DRUM_CLASS_OF for _, pitch, _ in hits) else {},
        tuple(guessed),
    )


def _meter(over: int, under: int) -> Meter:
    try:
        return Meter(over, under)
    except ValueError:
        return Meter()  # a signature of no music we measure


def _bar_starts(meters: list[tuple[int, Meter]], end: int) -> Ints:
    starts = [0]
    while starts[-1] < end:
        now = next((meter for at, meter in reversed(meters) if at <= starts[-1]), meters[0][1])
        starts.append(starts[-1] + max(1, now.slots))
    return np.array(starts, np.int64)


def _usual(meters: list[tuple[int, Meter]], end: int) -> Meter:
    lengths: dict[Meter, int] = {}
    for (start, meter), later in zip(meters, [*(at for at, _ in meters[1:]), end], strict=True):
        lengths[meter] = lengths.get(meter, 0) + later - start
    return max(lengths, key=lambda meter: lengths[meter])


def _line(voice: Voice | None, sign: int) -> Ints:
    # One voice: of notes that start together the highest (sign 1) or the lowest (sign -1).
    rows = notes_table((a, length, sign * pitch) for a, length, pitch, _ in (voice.notes if voice else ()))
    rows[:, PITCH] *= sign
    return rows


def _sections(markers: list[tuple[int, str]], starts: Ints) -> tuple[Span, ...]:
    found = []
    bars = [int(np.searchsorted(starts, slot, side="right")) - 1 for slot, _ in markers]
    for (_, text), first, after in zip(markers, bars, [*bars[1:], len(starts) - 1], strict=False):
        kind = next((kind for word, kind in _KIND_OF.items() if word in text.lower()), "other")
        if after > first:
            found.append(Span(kind, first, after - first))
    return tuple(found)


def _chords(texts: list[tuple[int, str]], end: int) -> tuple[Harmony, ...]:
    found = []
    for (slot, text), after in zip(texts, [*(slot for slot, _ in texts[1:]), end], strict=False):
        try:
            chord = parse_symbol(text)
        except EngineError:
            continue  # "N" and chords we have no name for are no chord
        if after > slot:
            steps = tuple((pc - chord.root) % 12 for pc in chord.pitch_classes)
            found.append(Harmony(slot, after, chord.root, steps))
    return tuple(found)


def _estimated(voices: list[Voice], bars: int) -> tuple[Harmony, ...]:
    """Return chords estimated for every half bar of 4/4, equal neighbours as one; guitars count before the rest."""
    from engine.train.corpora.freedoom import Played, infer_chords

    steps = ((0, 4, 7), (0, 3, 7), (0, 7))
    guitars = [Played(*note[:3]) for voice in voices if voice.program in _GUITARS for note in voice.notes]
    others = [Played(*note[:3]) for voice in voices if voice.program not in _GUITARS for note in voice.notes]
    found: list[Harmony] = []
    for half, (root, quality) in enumerate(infer_chords(guitars, others, bars).tolist()):
        chord = Harmony(8 * half, 8 * half + 8, root, steps[quality])
        if root >= 0 and found and (found[-1].end, found[-1].root, found[-1].steps) == (8 * half, root, chord.steps):
            found[-1] = found[-1]._replace(end=chord.end)
        elif root >= 0:
            found.append(chord)
    return tuple(found)


def _tonic(key: Key, chords: tuple[Harmony, ...]) -> int:
    # A signature tells major from minor and no more: E mixolydian is written as A major, E dorian as B minor.
    # Where another mode's tonic bears far more of the chords, that mode is meant.
    heard = [sum(chord.end - chord.start for chord in chords if chord.root == root) for root in range(12)]
    modal = (key.tonic + 5 if key.minor else key.tonic + 7) % 12
    return modal if heard[modal] > _FAR_MORE * heard[key.tonic] else key.tonic


# Krumhansl and Kessler's probe-tone profiles (1982), major and minor.
_PROFILES = np.array(
    [
        [6.35, 2.23, 3.48, 2.33, 4.38, 4.09, 2.52, 5.19, 2.39, 3.66, 2.29, 2.88],
        [6.33, 2.68, 3.52, 5.38, 2.60, 3.53, 2.54, 4.75, 3.98, 2.69, 3.34, 3.17],
    ]
)


def _likely_tonic(voices: list[Voice]) -> int:
    counts = np.zeros(12)
    for voice in voices:
        for _, length, pitch, _ in voice.notes:
            counts[pitch % 12] += length
    if not counts.any():
        return 0
    fits = [np.corrcoef(np.roll(counts, -tonic), profile)[0, 1] for tonic in range(12) for profile in _PROFILES]
    return int(np.argmax(fits)) // 2
