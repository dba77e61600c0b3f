"""The song as data: frozen, exact, and free of feel.

Times are whole ticks, 480 to the quarter. Collections are tuples. Nothing here knows how a song is
made or written; see ``pipeline`` and ``export``.
"""

from __future__ import annotations

from bisect import bisect_right
from dataclasses import dataclass, field
from typing import Any, NamedTuple

from engine.theory.chord import Chord
from engine.theory.key import Key
from engine.theory.meter import Meter

# Loudness as a composer thinks of it; velocity is the performance's business.
GHOST, SOFT, NORMAL, ACCENT = range(4)

KINDS = ("intro", "verse", "prechorus", "chorus", "bridge", "solo", "interlude", "outro")


class Note(NamedTuple):
    """A note: ticks from the start of the song, ticks long, MIDI number, stress, articulation.

    mark: "" plain, "mute" palm-muted. For drums the pitch is the General MIDI drum number.
    """

    start: int
    length: int
    pitch: int
    stress: int = NORMAL
    mark: str = ""


class ChordSpan(NamedTuple):
    """A chord in force: ticks from the start of its section, ticks long."""

    start: int
    length: int
    chord: Chord
    numeral: str


class Phrase(NamedTuple):
    """A phrase of a section, in slots (sixteenths) from the section's start.

    label: the material's letter; equal letters share their material.
    change: how this use differs: "" not at all, "vary", "end" (another ending), "answer",
    "moved" (its rhythm over other chords).
    sung: the slots (first, last + 1) the voice may use; first may be negative (an anacrusis).
    """

    start: int
    length: int
    label: str
    change: str
    sung: tuple[int, int]


@dataclass(frozen=True, slots=True)
class BarGroove:
    """Accents of one bar that all parts read: bit i of a mask is slot i.

    state: the drum model's bar state. fill: the slot from which the bar is a fill, or -1.
    """

    state: int
    kick: int
    snare: int
    fill: int = -1
    crash: bool = False


@dataclass(frozen=True, slots=True)
class Section:
    """A stretch of the song, with the plans that all parts share.

    name is unique ("chorus/2"); kind is one of KINDS; material names what it shares with others:
    sections of one material have the same bars, chords, phrases and groove, but for ``change``.
    energy: 1 (bare) .. 5 (everything). players: the parts that play here. shift: semitones by which the section
    lies above the song's key; in a plan its chords are written as if it did not, in a song they are as they sound.
    """

    name: str
    kind: str
    material: str
    start_bar: int
    bars: int
    energy: int
    change: str = ""
    players: tuple[str, ...] = ()
    chords: tuple[ChordSpan, ...] = ()
    phrases: tuple[Phrase, ...] = ()
    groove: tuple[BarGroove, ...] = ()
    shift: int = 0

    def chord_at(self, tick: int) -> ChordSpan:
        """Return the chord in force at a tick from the section's start; the nearest one outside it."""
        return self.chords[max(bisect_right(self.chords, tick, key=lambda span: span.start) - 1, 0)]

    @property
    def title(self) -> str:
        """The name a musician reads: "Chorus 2", "Pre-Chorus 1"."""
        kind, _, number = self.name.partition("/")
        return f"{'Pre-Chorus' if kind == 'prechorus' else kind.capitalize()} {number}"


@dataclass(frozen=True, slots=True)
class Steering:
    """Where a song is steered: percent, None (or 50) leaves the style as it is; see ``style.steer``.

    mood: 0 bright .. 100 dark. temperature: (part, percent) pairs; parts not named are drawn at 100.
    """

    energy: int | None = None
    complexity: int | None = None
    catchy: int | None = None
    mood: int | None = None
    temperature: tuple[tuple[str, int], ...] = ()


@dataclass(frozen=True, slots=True)
class Request:
    """What was asked for. None leaves the choice to the style and the seed.

    chords: (kind of section, chords) pairs. length: seconds. feel: 0 (on the grid) .. 100 percent.
    takes: (place, number) pairs such as ("chorus/melody", 2); places not named are at take 0.
    hook: the number of a candidate for the chorus's first line, from 1. loop_bars: bars of a loop, one section that
    goes round and round.
    """

    style: str = "rock"
    seed: int = 0
    key: Key | None = None
    tempo: int | None = None
    form: tuple[str, ...] | None = None
    chords: tuple[tuple[str, str], ...] = ()
    length: int | None = None
    feel: int = 100
    bridge_melody: bool = False
    takes: tuple[tuple[str, int], ...] = ()
    hook: int | None = None
    steering: Steering = Steering()
    loop_bars: int | None = None


@dataclass(frozen=True, slots=True)
class Feel:
    """How the band plays what is written.

    swing: percent of a beat (or half beat) that the first of two notes takes; 50 is straight, 67 a triplet.
    swing_unit: slots of the swung note (2: eighths, 1: sixteenths). timing, velocity: percent of the
    learnt human deviation at ``--feel 1``. force: steps of velocity by which every note is harder (or softer).
    """

    swing: int = 50
    swing_unit: int = 2
    timing: int = 100
    velocity: int = 100
    force: int = 0


@dataclass(frozen=True, slots=True)
class Part:
    """A player's notes, in order of start, then pitch, and the sound they are meant for.

    track: the name a DAW shows. program: General MIDI, 0..127. volume, pan: 0..127.
    """

    name: str
    notes: tuple[Note, ...]
    track: str = ""
    program: int = 0
    volume: int = 100
    pan: int = 64


@dataclass(frozen=True, slots=True)
class Song:
    """A whole song, exact and immutable.

    tree: the derivation of the form, see ``grammar.tree``; harmony: the derivations of each material's
    chords as (material, tree) pairs. edits: what has been done to it since it was composed, in the words of ``bench``.
    """

    version: str
    request: Request
    style_hash: str
    key: Key
    tempo: int
    meter: Meter
    sections: tuple[Section, ...]
    parts: tuple[Part, ...]
    feel: Feel = Feel()
    tree: object = None
    harmony: tuple[tuple[str, object], ...] = field(default=())
    edits: tuple[str, ...] = ()

    @property
    def bars(self) -> int:
        """Length in bars."""
        return sum(section.bars for section in self.sections)

    @property
    def seconds(self) -> float:
        """Length in seconds, without the sound's decay."""
        return self.bars * self.meter.bar * 60 / (480 * self.tempo)

    def key_of(self, section: Section) -> Key:
        """Return the key of a section."""
        return self.key.up(section.shift)

    def part(self, name: str) -> Part:
        """Return the part of that name; raises KeyError."""
        for part in self.parts:
            if part.name == name:
                return part
        raise KeyError(name)

    def to_pretty_midi(self) -> Any:
        """Return the song as a ``pretty_midi.PrettyMIDI``; raises ExportError where that is not installed."""
        # The one look upstairs: a method here so that people find it, the work where files are made.
        from engine.export.pretty import pretty_midi

        return pretty_midi(self)
