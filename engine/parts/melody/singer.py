"""One section sung: line after line, each remembering those before it."""

from __future__ import annotations

from collections.abc import Mapping
from functools import lru_cache
from typing import NamedTuple

import numpy as np

from engine.models import tables
from engine.models.dense import Dense
from engine.models.memory import Memory
from engine.models.mixture import Mixture
from engine.models.pitch import KINDS, NONE, REACH
from engine.models.rhythm import Lengths, pace
from engine.models.viewpoints import Ints
from engine.parts.melody import pitch, rhythm
from engine.parts.melody.register import register
from engine.plan.plan import Plan
from engine.song import Note, Phrase, Section
from engine.stream import Stream
from engine.theory.meter import SLOT

# A section begins in the middle of a song: the model is asked as if so many notes had been sung already.
WARM = 8
AGAIN = "again"  # the same line in a later verse or chorus, with other words

# How much likelier a note, or a slot, of a line that returns is to stay as it was, by what the phrase plan says.
PULL = {"": 1000, "vary": 30, "end": 1000, "answer": 12, AGAIN: 16}
RHYTHM_PULL = {"vary": 12, "answer": 30, AGAIN: 5}


class Sung(NamedTuple):
    """A line as sung: slots from its phrase's start, and events."""

    onsets: tuple[int, ...]
    events: tuple[int, ...]


class _Models(NamedTuple):
    pitch: Dense
    pitch_mixture: Mixture
    rhythm: Dense
    rhythm_mixture: Mixture
    grains: Ints
    lengths: Lengths


class Singer:
    """The voice in one section; ``notes`` and ``lines`` (by the start of their phrase) are what it has sung."""

    def __init__(self, plan: Plan, section: Section) -> None:
        self.lines: dict[int, Sung] = {}
        self.notes: list[Note] = []
        self._plan = plan
        self._section = section
        self._models = models(plan.style.models)
        self._line, self._bottom = _line(plan, section)
        self._rhythms: list[tuple[Mapping[str, Ints], Ints]] = []
        self._pitches: list[tuple[Mapping[str, Ints], Ints]] = []

    def sing(self, phrase: Phrase, model: Sung | None, change: str, room: int, last: bool, stream: Stream) -> None:
        """Sing one phrase: anew (model None), or like a model with a change.

        room: the slot at which the voice must be silent again. last: whether the section's singing ends here.
        stream: where the line's chance comes from.
        """
        onsets = self._onsets(phrase, model, change, stream.at("rhythm"))
        events = self._events(phrase, onsets, model, change, last, stream.at("pitch"))
        self.lines[phrase.start] = Sung(tuple(onset - phrase.start for onset in onsets), tuple(events))
        waits = [*np.diff(onsets).tolist(), max(room - onsets[-1], 1)]
        # Lines of one letter hold their notes alike.
        held = rhythm.draw_lengths(
            self._models.lengths,
            waits,
            self._plan.style.rules["melody.legato"],
            self._plan.shared(self._section, "melody", f"lengths/{phrase.label}"),
        )
        self.notes += [
            Note(slot * SLOT, length * SLOT, self._bottom + event)
            for slot, length, event in zip(onsets, held, events, strict=True)
        ]

    def _onsets(self, phrase: Phrase, model: Sung | None, change: str, stream: Stream) -> list[int]:
        first, last = phrase.sung[0], phrase.sung[1] - 1
        if last == first:
            return [first]
        plan, line = self._plan, self._line
        speed = pace(plan.tempo)
        weights = self._models.grains[speed].tolist()
        grain = plan.song("melody", "grain").pick(range(len(weights)), weights)
        remembered = sum(len(events) for _, events in self._rhythms)
        moment = rhythm.moments(first, last, line.bar, line.kind, speed, grain, remembered)
        before = {phrase.start + onset for onset in model.onsets} if model else set()
        near = [int(slot in before) for slot in range(first + 1, last)] if model else []
        if model and change in ("", "end"):
            inner = near
        else:
            inner = rhythm.draw_onsets(
                self._models.rhythm,
                moment,
                _memories(self._models.rhythm_mixture, self._rhythms),
                stream,
                density=plan.style.rules["melody.density"],
                near=near,
                pull=RHYTHM_PULL.get(change, 1),
            )
        if inner:
            self._rhythms.append(rhythm.columns_of(moment, inner))
        return [first, *(slot for slot, onset in enumerate(inner, first + 1) if onset), last]

    def _events(
        self, phrase: Phrase, onsets: list[int], model: Sung | None, change: str, last: bool, stream: Stream
    ) -> list[int]:
        before = dict(zip(model.onsets, model.events, strict=True)) if model else {}
        turned = change in ("end", "answer")
        # Another ending: the last third of the line is free.
        free = max((phrase.sung[1] - phrase.sung[0]) // 3, 4) if turned else 0
        spots = [
            pitch.Spot(
                slot,
                slot - onsets[i - 1] if i else 0,
                onsets[i + 1] - slot if i + 1 < len(onsets) else 16,
                self._section.chord_at(slot * SLOT),
                before.get(slot - phrase.start) if slot < phrase.sung[1] - free else None,
                PULL.get(change, 1),
                rest=last or turned,
            )
            for i, slot in enumerate(onsets)
        ]
        past = [int(event) for _, events in self._pitches for event in events]
        ends = (past[-1] if past else NONE, past[-2] if len(past) > 1 else NONE)
        weights = [self._plan.meter.weight(slot) for slot in onsets]
        place = pitch.places(self._line, spots, weights, len(past) + WARM)
        found = pitch.again(self._line, spots) if change == "" else None
        if found is None:
            memories = _memories(self._models.pitch_mixture, self._pitches)
            found = pitch.draw_pitches(self._models.pitch, self._line, spots, place, ends, memories, stream)
        self._pitches.append(pitch.columns_of(place, found, ends))
        return found


def _line(plan: Plan, section: Section) -> tuple[pitch.Line, int]:
    """Return what the voice may sing and the MIDI number of event 0."""
    low, high, middle = register(plan, section)
    centre = plan.key.tonic + 12 * round((middle - plan.key.tonic) / 12)
    bottom = centre - REACH
    tones = set(plan.key.scale) | {
        (tone - plan.key.tonic) % 12 for span in section.chords for tone in span.chord.pitch_classes
    }
    events = [note - bottom for note in range(low, high + 1) if (note - plan.key.tonic) % 12 in tones]
    kind = KINDS.index(section.kind) if section.kind in KINDS else 4
    line = pitch.Line(
        np.array(events, dtype=np.int64), plan.key.scale, plan.key.tonic, middle - bottom, kind, plan.meter.slots
    )
    return line, bottom


def _memories(mixture: Mixture, past: list[tuple[Mapping[str, Ints], Ints]]) -> tuple[Memory, ...]:
    if not past:
        return ()
    columns = {name: np.concatenate([part[name] for part, _ in past]) for name in past[0][0]}
    return mixture.remember(columns, np.concatenate([events for _, events in past]))


@lru_cache(maxsize=16)
def models(name: str) -> _Models:
    """Return the fitted models of the voice."""
    pitches = Mixture.of(tables.load(name, "pitch"))
    rhythms = tables.load(name, "rhythm")
    onsets = Mixture.of(rhythms)
    grains = rhythms.arrays["grains"].astype(np.int64)
    return _Models(Dense(pitches), pitches, Dense(onsets), onsets, grains, Lengths(tables.load(name, "lengths")))
