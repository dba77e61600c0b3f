"""Bands from MIDI: the Freedoom soundtrack, and Tanner Helland's free music (the same index).

Both corpora are multi-track MIDI without chord labels. A file is used when it keeps to the grid, has
drums and a bass that plays, and stays in 4/4. Everything is counted in slots (sixteenths).

Chords are inferred from the guitars (General MIDI programs 24..31), or from other harmony instruments
where no guitar plays, never from the bass: for every half bar the sounding time of each pitch class is
summed, the lowest sounding note of every slot counting twice; a chord (major, minor or fifth) scores its own
tones' share less half of what lies outside, and its root half as much again. Both halves take the chord of the
whole bar unless their own scores clearly better, so that riffs do not become chords.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from engine.errors import CorpusError

BAR = 16  # slots
FOLDERS = ("freedoom_midi", "helland_free_music")
LICENCE = "BSD-3-Clause (Freedoom project); CC BY 4.0 (music by Tanner Helland)"
CORPUS = "Freedoom soundtrack MIDI; Tanner Helland free music"

MAJOR, MINOR, FIFTH = range(3)
_TONES = {MAJOR: (0, 4, 7), MINOR: (0, 3, 7), FIFTH: (0, 7)}
_KICKS, _SNARES = (35, 36), (37, 38, 39, 40)
_BASS, _GUITAR, _LEAD = range(32, 40), range(24, 32), range(80, 88)
_HARMONY = (*range(0, 24), *range(40, 56), *range(88, 96))
_OWN_CHORD = 0.22  # by how much of the half bar's sound its own chord must win

Ints = NDArray[np.int64]


class Played(NamedTuple):
    """A note: slot from the start of the file, slots long (at least 1), MIDI pitch."""

    slot: int
    length: int
    pitch: int


class Band(NamedTuple):
    """One file.

    chords: root 0..11 (-1 unknown) and quality (MAJOR, MINOR, FIFTH) of every half bar, shape (2 * bars, 2).
    kick, snare: 0 or 1 for every slot, shape (16 * bars,).
    bass: one voice. guitars, leads: one tuple of notes a track and channel; rhythm guitars have chords.
    """

    song: str
    bars: int
    chords: Ints
    kick: Ints
    snare: Ints
    bass: tuple[Played, ...]
    guitars: tuple[tuple[Played, ...], ...]
    leads: tuple[tuple[Played, ...], ...]


def bands(data: Path) -> Iterator[Band]:
    """Yield every usable file of both corpora under ``data``, in order of name; raises CorpusError."""
    for folder in FOLDERS:
        index = data / folder / "index.jsonl"
        if not index.is_file():
            raise CorpusError(
                f"no corpus at {index}", "give the folder that holds freedoom_midi, such as ../shared/data"
            )
        rows = [json.loads(line) for line in index.read_text(encoding="utf-8").splitlines()]
        for row in sorted(rows, key=lambda row: str(row["file"])):
            if usable(row):
                yield read(data / folder / row["file"])


def usable(row: dict[str, object]) -> bool:
    """Return whether an index row describes a 4/4 band on the grid with drums and enough bass."""
    signs = row["time_sigs"]
    return (
        float(str(row["off_grid"])) < 0.15
        and int(str(row["bass_notes"])) >= 30
        and int(str(row["bass_drum_bars"])) > 0
        and isinstance(signs, list)
        and {str(sign).rstrip("?") for sign in signs} == {"4/4"}
    )


def read(path: Path) -> Band:
    """Return the band of one MIDI file; raises CorpusError when it cannot be read."""
    import mido

    try:
        file = mido.MidiFile(path, clip=True)
    except (OSError, EOFError, ValueError, KeyError) as error:
        raise CorpusError(f"cannot read {path}: {error}") from error
    voices: dict[tuple[int, int, int], list[Played]] = {}
    for number, track in enumerate(file.tracks):
        for key, note in _notes(track, file.ticks_per_beat):
            voices.setdefault((number, *key), []).append(note)
    return band(path.stem, voices)


def band(song: str, voices: dict[tuple[int, int, int], list[Played]]) -> Band:
    """Return the band of voices keyed by (track, channel, program); channel 9 is the drums."""
    last = max((note.slot for notes in voices.values() for note in notes), default=0)
    bars = last // BAR + 1
    drums = [note for key, notes in voices.items() if key[1] == 9 for note in notes]
    pitched = {key: sorted(notes) for key, notes in sorted(voices.items()) if key[1] != 9}
    guitars = [tuple(notes) for key, notes in pitched.items() if key[2] in _GUITAR]
    leads = [tuple(notes) for key, notes in pitched.items() if key[2] in _LEAD]
    harmony = [note for key, notes in pitched.items() if key[2] in _HARMONY for note in notes]
    chords = infer_chords([note for notes in guitars for note in notes], harmony, bars)
    basses = [notes for key, notes in pitched.items() if key[2] in _BASS]
    return Band(
        song,
        bars,
        chords,
        _hits(drums, _KICKS, bars),
        _hits(drums, _SNARES, bars),
        one_voice(max(basses, key=len, default=[])),
        tuple(guitars),
        tuple(leads),
    )


def one_voice(notes: list[Played]) -> tuple[Played, ...]:
    """Return the lowest note of every onset, each cut at the next one."""
    lowest: dict[int, Played] = {}
    for note in notes:
        if note.slot not in lowest or note.pitch < lowest[note.slot].pitch:
            lowest[note.slot] = note
    line = [lowest[slot] for slot in sorted(lowest)]
    ends = [note.slot for note in line[1:]] + [line[-1].slot + BAR] if line else []
    pairs = zip(line, ends, strict=True)
    return tuple(Played(note.slot, min(note.length, end - note.slot), note.pitch) for note, end in pairs)


def infer_chords(guitar: list[Played], harmony: list[Played], bars: int) -> Ints:
    """Return root and quality of every half bar, shape (2 * bars, 2); root -1 where nothing harmonic sounds."""
    sounds = _sounds(guitar, bars)
    other = _sounds(harmony, bars)
    silent = sounds.sum(axis=1) == 0
    sounds[silent] = other[silent]
    found = np.full((2 * bars, 2), -1, dtype=np.int64)
    for bar in range(bars):
        halves = sounds[2 * bar : 2 * bar + 2]
        whole = _scores(halves.sum(axis=0))
        best = int(whole.argmax())
        for half in range(2):
            if not halves.sum():
                continue
            own = _scores(halves[half]) if halves[half].sum() else whole
            pick = int(own.argmax())
            pick = pick if own[pick] - own[best] > _OWN_CHORD else best
            found[2 * bar + half] = pick // 3, pick % 3
    return found


def _sounds(notes: list[Played], bars: int) -> NDArray[np.float64]:
    # Slots each pitch class sounds in each half bar; the lowest of a slot counts twice (riffs and
    # power chords put the root there).
    low = np.full(bars * BAR, 128, dtype=np.int64)
    for note in notes:
        low[note.slot : note.slot + note.length] = np.minimum(low[note.slot : note.slot + note.length], note.pitch)
    sums = np.zeros((2 * bars, 12))
    for note in notes:
        for slot in range(note.slot, min(note.slot + min(note.length, 2 * BAR), bars * BAR)):
            sums[slot // 8, note.pitch % 12] += 2 if low[slot] == note.pitch else 1
    return sums


def _scores(sound: NDArray[np.float64]) -> NDArray[np.float64]:
    share = sound / max(float(sound.sum()), 1e-9)
    scores = np.zeros(36)
    for root in range(12):
        for quality, tones in _TONES.items():
            inside = sum(share[(root + tone) % 12] for tone in tones)
            # A third must be worth hearing: it costs a little, so that a fifth stays a power chord.
            scores[3 * root + quality] = 1.5 * inside - 0.5 + 0.5 * share[root] - (0.04 if len(tones) > 2 else 0)
    return scores


def _hits(drums: list[Played], pitches: tuple[int, ...], bars: int) -> Ints:
    found = np.zeros(bars * BAR, dtype=np.int64)
    found[[note.slot for note in drums if note.pitch in pitches]] = 1
    return found


def _notes(track: object, resolution: int) -> Iterator[tuple[tuple[int, int], Played]]:
    # Yields ((channel, program), note) of one track; times rounded to the nearest slot.
    tick = 0
    programs: dict[int, int] = {}
    sounding: dict[tuple[int, int], tuple[int, int]] = {}
    for message in track:  # type: ignore[attr-defined]
        tick += message.time
        if message.type == "program_change":
            programs[message.channel] = message.program
        elif message.type in ("note_on", "note_off"):
            key = (message.channel, message.note)
            if key in sounding:
                start, program = sounding.pop(key)
                first, end = (round(4 * at / resolution) for at in (start, tick))
                yield (message.channel, program), Played(first, max(end - first, 1), message.note)
            if message.type == "note_on" and message.velocity:
                sounding[key] = (tick, programs.get(message.channel, 0))
