"""How a line of the lead guitar is drawn: its pitches all together, given where its notes are struck."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

from engine.chain.costs import log2_cost
from engine.chain.sampler import Sampler
from engine.chain.watch import About, Stage, watcher
from engine.models.lead import TRUST, LeadModel, lick_step, start_state
from engine.models.lead_tones import fitness, register
from engine.plan.plan import Plan
from engine.plan.reading import bar_weights
from engine.song import ACCENT, NORMAL, SOFT, Note
from engine.stream import Stream
from engine.theory.chord import QUALITIES, Chord
from engine.theory.meter import SLOT

PART = "lead"
_PULL = 36  # cost of a semitone away from the shape


class Line(NamedTuple):
    """Notes as (slot, pitch) pairs, where the last one has to stop, and whether notes may ring past half a bar."""

    notes: tuple[tuple[int, int], ...]
    end: int
    rings: bool = False


class Hint(NamedTuple):
    """What a note should do: the pitch remembered (-1 none) and the trust in it, the height aimed at (-1 none).

    home: it has to be a tone of the chord. least: no lower than this. most: no higher. pull: cost of every
    semitone away from the height aimed at.
    """

    memory: int = -1
    trust: int = TRUST
    target: int = -1
    home: bool = False
    least: int = 0
    most: int = 127
    pull: int = _PULL


def reach(plan: Plan, low: int, high: int, besides: tuple[int, ...] = ()) -> tuple[int, ...]:
    """Return the pitches low..high that this song may use, over whatever chord; and those ``besides``."""
    chords = plan.once((PART, "chords"), lambda: _chords(plan))
    return register(plan.key, chords, low, high, besides)


def _chords(plan: Plan) -> tuple[Chord, ...]:
    return tuple(sorted({span.chord for section in plan.sections for span in section.chords}))


def draw_pitches(
    plan: Plan,
    model: LeadModel,
    pitches: tuple[int, ...],
    struck: Sequence[int],
    chords: tuple[Chord, ...],
    hints: Sequence[Hint],
    stream: Stream,
    before: int = -1,
) -> list[int]:
    """Return a pitch for every struck slot, all drawn together; before: the pitch that goes before, or -1."""
    if not struck:
        return []
    slots, metres = plan.meter.slots, bar_weights(plan.meter)
    passing = 10000 // plan.style.rules["lead.passing"]
    asked = []
    last = -slots
    for slot, later, hint in zip(struck, [*struck[1:], struck[-1] + slots], hints, strict=True):
        chord, metre = chords[slot], 4 - metres[slot % slots]
        strong = metre <= 2 or later - slot >= 4
        rules = fitness(pitches, chord, plan.key, strong, hint.home, passing)
        if hint.least > pitches[0] or hint.most < pitches[-1]:
            rules = tuple(
                cost if hint.least <= pitch <= hint.most else -1 for pitch, cost in zip(pitches, rules, strict=True)
            )
        if max(rules) < 0:
            rules = fitness(pitches, chord, plan.key, False, False, passing)
        memory = hint.memory
        if memory >= 0:
            # What is remembered moves to the nearest note that fits the chord.
            fits = [pitch for pitch, rule in zip(pitches, rules, strict=True) if rule >= 0]
            memory = min(fits, key=lambda pitch: (abs(pitch - hint.memory), pitch))
        step = QUALITIES[chord.quality][0]
        quality = 0 if 4 in step else 1 if 3 in step else 2
        memories = (memory, hint.trust, hint.target, hint.pull)
        asked.append(_Asked(chord.root, quality, metre, rules, *memories, slot - last <= 2))
        last = slot
    sampler = Sampler([lick_step(model, pitches, *note) for note in asked], start_state(pitches, before))
    if watcher():
        sampler.about = _told(model, pitches, struck, asked)
    return [pitches[event] for event in sampler.draw(stream)]


class _Asked(NamedTuple):
    """What a note's step is asked of: the arguments of ``lick_step`` but for the first two."""

    root: int
    quality: int
    metre: int
    rules: tuple[int, ...]
    memory: int
    trust: int
    target: int
    pull: int
    runs: bool


def _told(model: LeadModel, pitches: tuple[int, ...], struck: Sequence[int], asked: Sequence[_Asked]) -> About:
    """Return what a line is made of: the model, then what is remembered, then its shape; last come chord and key."""
    free = (0,) * len(pitches)
    shaped = [note._replace(rules=free) for note in asked]
    remembered = [note._replace(target=-1) for note in shaped]
    plain = [note._replace(memory=-1) for note in remembered]
    stages = tuple(
        Stage(rule, [lick_step(model, pitches, *note).weights for note in notes])
        for rule, notes in (("model", plain), ("riff", remembered), ("shape", shaped))
    )
    return About("pitch", tuple(struck), (pitches,) * len(asked), stages, (), "chord and key")


def density(plan: Plan) -> int:
    """Return the cost of an onset by which a style asks for more notes or fewer."""
    return log2_cost(100) - log2_cost(plan.style.rules["lead.notes"])


def sounded(plan: Plan, lines: Sequence[Line]) -> tuple[Note, ...]:
    """Return the notes of lines: each until the next, or half a bar (two bars, where it rings)."""
    notes = []
    slots, metres = plan.meter.slots, bar_weights(plan.meter)
    # Little room may leave a line without a note.
    for line in (line for line in lines if line.notes):
        longest = 2 * slots if line.rings else max(slots // 2, 1)
        starts = [slot for slot, _ in line.notes]
        for (slot, pitch), later in zip(line.notes, [*starts[1:], line.end], strict=True):
            weight = metres[slot % slots]
            stress = ACCENT if weight >= 3 else NORMAL if weight else SOFT
            notes.append(Note(slot * SLOT, min(later - slot, longest) * SLOT, pitch, stress))
    return tuple(notes)
