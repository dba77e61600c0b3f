"""A melody with the chords that were found for it: to read, as a song, and as a MIDI file."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from engine.alone.heard import DOUBTFUL, phrases_of
from engine.alone.melody import PROGRAM, TRACK, VOLUME, struck
from engine.alone.tracks import original, with_tracks
from engine.errors import UsageError
from engine.export.chart import bar_of_chords, wrapped
from engine.learn.song import Heard
from engine.perform import Played
from engine.song import ChordSpan, Feel, Note, Part, Request, Section, Song
from engine.style import Style
from engine.theory.key import Key
from engine.theory.meter import SLOT, Meter
from engine.version import __version__

Ints = NDArray[np.int64]

_SOFT = 64  # velocity of chords under a melody


class Harmony(NamedTuple):
    """Chords of a whole melody. bits: how much less likely it is than the likeliest, as a power of two."""

    bits: float
    chords: tuple[ChordSpan, ...]


class Harmonized(NamedTuple):
    """A melody with chords.

    heard: the file, and midi: whether it is one of MIDI. key, notes: the melody's, in ticks from its first bar line.
    harmonies: the likeliest first. style, seed: of the chords.
    """

    heard: Heard
    midi: bool
    key: Key
    notes: tuple[Note, ...]
    harmonies: tuple[Harmony, ...]
    style: Style
    seed: int


def beats_of(heard: Heard) -> Ints:
    """Return the slots of a beat in every bar."""
    ends = [*(change.bar for change in heard.meters[1:]), len(heard.bars) - 1]
    sizes = [end - change.bar for change, end in zip(heard.meters, ends, strict=True)]
    return np.repeat([change.meter.beat for change in heard.meters], sizes)


def charted(made: Harmonized, number: int = 0) -> str:
    """Return a harmony to read, four bars a line; "." holds a chord."""
    heard, spans = made.heard, made.harmonies[number].chords
    beats = beats_of(heard).tolist()
    rows = [
        bar_of_chords(spans, first, end - first, beat * SLOT, made.key)
        for first, end, beat in zip(heard.bars.tolist(), heard.bars[1:].tolist(), beats, strict=False)
    ]
    return "\n".join(wrapped(rows))


def song_of(made: Harmonized, number: int = 0) -> Song:
    """Return the song of a harmony: the melody, and its chords struck as on a piano.

    Raises UsageError where the metre changes, which songs do not.
    """
    heard, band = made.heard, made.style
    if len(heard.meters) > 1:
        change = heard.meters[1]
        raise UsageError(
            f"the melody goes to {change.meter} in bar {change.bar + 1}; a song has one metre",
            "write a .mid, which keeps the metres of the file",
        )
    meter = heard.meter
    before = max(0, -(made.notes[0].start // meter.bar))  # bars that an anacrusis takes
    sections = _sections(made, number, before)
    sound = band.parts["melody"]
    notes = tuple(note._replace(start=note.start + before * meter.bar) for note in made.notes)
    chords = [
        note._replace(start=note.start + section.start_bar * meter.bar)
        for section in sections
        if "rhythm" in section.players
        for note in struck(section, meter)
    ]
    return Song(
        version=__version__,
        request=Request(style=band.name, seed=made.seed, key=made.key),
        style_hash=band.hash,
        key=made.key,
        tempo=min(max(round(heard.tempo), 30), 300),
        meter=meter,
        sections=sections,
        parts=(
            Part("melody", notes, sound.track, sound.program, sound.volume, sound.pan),
            Part("rhythm", tuple(sorted(chords)), TRACK, PROGRAM, VOLUME),
        ),
        feel=replace(Feel(), swing=min(max(heard.swing, 50), 75), swing_unit=heard.swing_unit),
    )


def _sections(made: Harmonized, number: int, before: int) -> tuple[Section, ...]:
    """Return the sections that are heard in the melody, with chords; ``before`` them the bars of an anacrusis."""
    meter, spans = made.heard.meter, made.harmonies[number].chords
    found, numbers, known = [], dict[str, int](), dict[tuple[object, ...], str]()
    if before:
        chord = spans[0]._replace(start=0, length=before * meter.bar)
        found.append(Section("intro/1", "intro", "intro", 0, before, 1, players=("melody",), chords=(chord,)))
        numbers["intro"] = 1
    for part in made.heard.sections:
        kind = part.kind if part.confidence >= DOUBTFUL else "verse"
        numbers[kind] = numbers.get(kind, 0) + 1
        start, end = part.first * meter.bar, (part.first + part.bars) * meter.bar
        chords = _within(spans, start, end)
        others = sum(name.partition("-")[0] == kind for name in known.values())
        found.append(
            Section(
                f"{kind}/{numbers[kind]}",
                kind,
                known.setdefault((kind, chords, part.bars), f"{kind}-{others + 1}" if others else kind),
                part.first + before,
                part.bars,
                made.style.energy.get(kind, 3),
                players=("melody", "rhythm"),
                chords=chords,
                phrases=phrases_of(made.heard, start, end),
            )
        )
    return tuple(found)


def _within(spans: tuple[ChordSpan, ...], start: int, end: int) -> tuple[ChordSpan, ...]:
    kept = [span for span in spans if span.start < end and span.start + span.length > start]
    return tuple(
        span._replace(
            start=max(span.start, start) - start, length=min(span.start + span.length, end) - max(span.start, start)
        )
        for span in kept
    )


def midi_of(made: Harmonized, path: Path, number: int = 0) -> bytes:
    """Return a MIDI file with the chords on a track of their own behind its own, which stay as they are."""
    spans, end = made.harmonies[number].chords, int(made.heard.bars[-1])
    section = Section("verse/1", "verse", "verse", 0, 1, 3, chords=spans)
    played = []
    for note in struck(section, Meter(4, 4)):
        first, last = made.heard.file_ticks(np.array([note.start, min(note.start + note.length, end)])).tolist()
        if last > 0:
            played.append(Played(max(first, 0), last - max(first, 0), note.pitch, _SOFT))
    return with_tracks(original(path), [(Part("rhythm", (), TRACK, PROGRAM, VOLUME), played)])[0]
