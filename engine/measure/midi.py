"""MIDI files as pieces: ours by track names, markers and chord texts, others by programs.

Times are rounded to the nearest sixteenth. Drums are channel 10; the bass is a track called so or played
by General MIDI programs 32..39 (of several, the one with most notes); the melody a track called "melody",
"vocal" or "voice". Chords are text events ``chord:Am7``, sections markers such as ``Verse 1``.
"""

from __future__ import annotations

from pathlib import Path

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
from engine.theory.chord import parse_symbol
from engine.theory.key import Key
from engine.theory.meter import Meter

_SUNG = ("melody", "vocal", "voice")
_KIND_OF = {"pre-chorus": "prechorus", "prechorus": "prechorus"}


class _Track:
    def __init__(self) -> None:
        self.name = ""
        self.notes: list[tuple[int, int, int, int]] = []  # first slot, slots long, pitch, velocity
        self.drums = False
        self.program = -1


def piece_from_midi(path: Path) -> Piece:
    """Return the piece of a MIDI file; raises SongFileError when it cannot be read or is empty."""
    import mido

    try:
        file = mido.MidiFile(str(path), clip=True)
    except (OSError, EOFError, ValueError, KeyError, IndexError) as error:
        raise SongFileError(f"cannot read {path}: {error}") from error
    unit = file.ticks_per_beat / 4
    tracks: list[_Track] = []
    meters: list[tuple[int, Meter]] = []
    markers: list[tuple[int, str]] = []
    chords: list[tuple[int, str]] = []
    key: Key | None = None
    for source in file.tracks:
        by_channel: dict[int, _Track] = {}
        sounding: dict[tuple[int, int], tuple[int, int]] = {}
        tick, name = 0, ""
        for message in source:
            tick += message.time
            slot = round(tick / unit)
            if message.type == "track_name":
                name = message.name
            elif message.type == "marker":
                markers.append((slot, message.text))
            elif message.type == "text" and message.text.startswith("chord:"):
                chords.append((slot, message.text[6:]))
            elif message.type == "time_signature":
                meters.append((slot, Meter(message.numerator, message.denominator)))
            elif message.type == "key_signature" and key is None:
                key = Key.parse(message.key)
            elif message.type in ("note_on", "note_off", "program_change"):
                track = by_channel.setdefault(message.channel, _Track())
                track.drums = message.channel == 9
                if message.type == "program_change":
                    track.program = message.program
                    continue
                place = (message.channel, message.note)
                if place in sounding:
                    first, velocity = sounding.pop(place)
                    start = round(first / unit)
                    track.notes.append((start, max(1, slot - start), message.note, velocity))
                if message.type == "note_on" and message.velocity:
                    sounding[place] = (tick, message.velocity)
        for track in by_channel.values():
            track.name = name.lower()
            tracks.append(track)
    return _piece(path.stem, tracks, meters, sorted(markers), sorted(chords), key)


def _piece(
    name: str,
    tracks: list[_Track],
    meters: list[tuple[int, Meter]],
    markers: list[tuple[int, str]],
    chords: list[tuple[int, str]],
    key: Key | None,
) -> Piece:
    end = max((start + length for track in tracks for start, length, _, _ in track.notes), default=0)
    if not end:
        raise SongFileError(f"{name} has no notes")
    meters = sorted(meters, key=lambda item: item[0]) or [(0, Meter())]
    starts = _bar_starts(meters, end)
    pitched = [track for track in tracks if not track.drums]
    sung = [track for track in pitched if any(word in track.name for word in _SUNG)]
    basses = [track for track in pitched if "bass" in track.name] or [t for t in pitched if 32 <= t.program < 40]
    melody = _voice(max(sung, key=lambda track: len(track.notes), default=None), 1)
    hits = [(a, pitch, velocity) for track in tracks if track.drums for a, _, pitch, velocity in track.notes]
    return Piece(
        name,
        key.tonic if key else _likely_tonic(pitched),
        _usual(meters, int(starts[-1])),
        starts,
        _sections(markers, starts),
        _chords(chords, int(starts[-1])),
        melody,
        _voice(max(basses, key=lambda track: len(track.notes), default=None), -1),
        drum_tables(hits) if any(hit[1] in DRUM_CLASS_OF for hit in hits) else {},
    )


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


def _voice(track: _Track | None, sign: int) -> Ints:
    # One voice: of notes that start together the highest (sign 1) or the lowest (sign -1).
    rows = notes_table((a, length, sign * pitch) for a, length, pitch, _ in (track.notes if track else ()))
    rows[:, PITCH] *= sign
    return rows


def _sections(markers: list[tuple[int, str]], starts: Ints) -> tuple[Span, ...]:
    found = []
    bars = [int(np.searchsorted(starts, slot, side="right")) - 1 for slot, _ in markers]
    for (_, text), first, after in zip(markers, bars, [*bars[1:], len(starts) - 1], strict=False):
        word = text.split()[0].lower() if text.split() else "other"
        if after > first:
            found.append(Span(_KIND_OF.get(word, word), first, after - first))
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


# Krumhansl and Kessler's probe-tone profiles (1982), major and minor.
_PROFILES = np.array(
    [
        [6.35, 2.23, 3.48, 2.33, 4.38, 4.09, 2.52, 5.19, 2.39, 3.66, 2.29, 2.88],
        [6.33, 2.68, 3.52, 5.38, 2.60, 3.53, 2.54, 4.75, 3.98, 2.69, 3.34, 3.17],
    ]
)


def _likely_tonic(tracks: list[_Track]) -> int:
    counts = np.zeros(12)
    for track in tracks:
        for _, length, pitch, _ in track.notes:
            counts[pitch % 12] += length
    if not counts.any():
        return 0
    fits = [np.corrcoef(np.roll(counts, -tonic), profile)[0, 1] for tonic in range(12) for profile in _PROFILES]
    return int(np.argmax(fits)) // 2
