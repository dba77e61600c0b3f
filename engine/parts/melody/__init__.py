"""The lead vocal: phrases sung over the section's chords, with the repetitions its phrase plan asks for."""

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
from engine.theory.meter import SLOT

# How much likelier a note of a phrase that returns is to stay as it was, by what the phrase plan says of it.
PULL = {"": 1000, "vary": 30, "end": 1000, "answer": 12}
RHYTHM_PULL = {"vary": 12, "answer": 30}


class _Models(NamedTuple):
    pitch: Dense
    pitch_mixture: Mixture
    rhythm: Dense
    rhythm_mixture: Mixture
    grains: Ints
    lengths: Lengths


class _Sung(NamedTuple):
    """A phrase as sung: slots from its own start, and events."""

    onsets: tuple[int, ...]
    events: tuple[int, ...]


class _Past(NamedTuple):
    """What has been sung of a section: columns and events of each model, one entry a phrase."""

    rhythm: list[tuple[Mapping[str, Ints], Ints]]
    pitch: list[tuple[Mapping[str, Ints], Ints]]


def play(plan: Plan, section: Section) -> tuple[Note, ...]:
    """Return the section's vocal line, in ticks from the section's start (a pick-up starts below 0)."""
    own = plan.takes.get(f"{section.name}/melody", 0)
    return plan.once(("melody", section.material, section.kind, own), lambda: _sing(plan, section))


def _sing(plan: Plan, section: Section) -> tuple[Note, ...]:
    models = _models(plan.style.models)
    line, bottom = _line(plan, section)
    sung: dict[str, _Sung] = {}
    past = _Past([], [])
    notes: list[Note] = []
    phrases = [phrase for phrase in section.phrases if phrase.sung[1] > phrase.sung[0]]
    for number, phrase in enumerate(phrases):
        onsets = _onsets(plan, section, phrase, number, sung.get(phrase.label), models, past, line)
        # The section's last beat is left to the pick-up of the next.
        end = section.bars * plan.meter.slots - plan.meter.beat
        room = phrases[number + 1].sung[0] if number + 1 < len(phrases) else end
        final = number + 1 == len(phrases)
        events = _events(plan, section, phrase, number, onsets, sung.get(phrase.label), models, past, line, final)
        sung.setdefault(phrase.label, _Sung(tuple(o - phrase.start for o in onsets), tuple(events)))
        waits = [*np.diff(onsets).tolist(), max(room - onsets[-1], 1)]
        lengths = rhythm.draw_lengths(models.lengths, waits, plan.shared(section, "melody", f"lengths/{phrase.label}"))
        notes += [
            Note(slot * SLOT, length * SLOT, bottom + event)
            for slot, length, event in zip(onsets, lengths, events, strict=True)
        ]
    return tuple(notes)


def _onsets(
    plan: Plan,
    section: Section,
    phrase: Phrase,
    number: int,
    model: _Sung | None,
    models: _Models,
    past: _Past,
    line: pitch.Line,
) -> list[int]:
    first, last = phrase.sung[0], phrase.sung[1] - 1
    if last == first:
        return [first]
    remembered = sum(len(events) for _, events in past.rhythm)
    moment = rhythm.moments(first, last, line.bar, line.kind, pace(plan.tempo), _grain(plan, models), remembered)
    before = {phrase.start + onset for onset in model.onsets} if model else set()
    near = [int(slot in before) for slot in range(first + 1, last)] if model else []
    if model and phrase.change in ("", "end"):
        inner = near
    else:
        inner = rhythm.draw_onsets(
            models.rhythm,
            moment,
            _memories(models.rhythm_mixture, past.rhythm),
            plan.shared(section, "melody", f"rhythm/{number}"),
            density=plan.style.rules["melody.density"],
            near=near,
            pull=RHYTHM_PULL.get(phrase.change, 1),
        )
    if inner:
        past.rhythm.append(rhythm.columns_of(moment, inner))
    return [first, *(slot for slot, onset in enumerate(inner, first + 1) if onset), last]


def _events(
    plan: Plan,
    section: Section,
    phrase: Phrase,
    number: int,
    onsets: list[int],
    model: _Sung | None,
    models: _Models,
    past: _Past,
    line: pitch.Line,
    final: bool,
) -> list[int]:
    before = dict(zip(model.onsets, model.events, strict=True)) if model else {}
    pull = PULL.get(phrase.change, 1)
    # Another ending: the last third of the phrase is free.
    turn = (
        phrase.sung[1] - max((phrase.sung[1] - phrase.sung[0]) // 3, 4)
        if phrase.change in ("end", "answer")
        else 1 << 30
    )
    spots = [
        pitch.Spot(
            slot,
            slot - onsets[i - 1] if i else 0,
            onsets[i + 1] - slot if i + 1 < len(onsets) else 16,
            section.chord_at(slot * SLOT),
            before.get(slot - phrase.start) if slot < turn else None,
            pull,
            rest=final or phrase.change in ("end", "answer"),
        )
        for i, slot in enumerate(onsets)
    ]
    place = pitch.places(line, spots, [plan.meter.weight(slot) for slot in onsets], sum(len(e) for _, e in past.pitch))
    last = [int(event) for _, events in past.pitch for event in events][-2:]
    ends = (last[-1] if last else NONE, last[-2] if len(last) > 1 else NONE)
    found = pitch.again(line, spots) if phrase.change == "" else None
    if found is None:
        found = pitch.draw_pitches(
            models.pitch,
            line,
            spots,
            place,
            ends,
            _memories(models.pitch_mixture, past.pitch),
            plan.shared(section, "melody", f"pitch/{number}"),
        )
    past.pitch.append(pitch.columns_of(place, found, ends))
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


def _grain(plan: Plan, models: _Models) -> int:
    """Return the density that the song's lines share, drawn for its tempo."""
    weights = models.grains[pace(plan.tempo)].tolist()
    return plan.song("melody", "grain").pick(range(len(weights)), weights)


def _memories(mixture: Mixture, past: list[tuple[Mapping[str, Ints], Ints]]) -> tuple[Memory, ...]:
    if not past:
        return ()
    columns = {name: np.concatenate([part[name] for part, _ in past]) for name in past[0][0]}
    return mixture.remember(columns, np.concatenate([events for _, events in past]))


@lru_cache(maxsize=16)
def _models(name: str) -> _Models:
    pitches = Mixture.of(tables.load(name, "pitch"))
    rhythms = tables.load(name, "rhythm")
    onsets = Mixture.of(rhythms)
    grains = rhythms.arrays["grains"].astype(np.int64)
    return _Models(Dense(pitches), pitches, Dense(onsets), onsets, grains, Lengths(tables.load(name, "lengths")))
