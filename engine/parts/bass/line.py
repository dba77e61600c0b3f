"""The bass of a section, four bars at a time: the figure as it is remembered, over these chords and this kick."""

from __future__ import annotations

from typing import NamedTuple

from engine.chain.sampler import Sampler
from engine.models.bass import BassModel, Hand, Spot
from engine.models.beats import onsets
from engine.parts.bass.figure import Bar, Figure, changes_in, note_spots, pitch_steps, rhythm_steps
from engine.parts.bass.player import PART, hand_of
from engine.plan.ending import ending_bar
from engine.plan.plan import Plan
from engine.plan.reading import chord_slots, kick_of, next_chord, pieces
from engine.song import Section
from engine.theory.chord import Chord

TRUST = 5  # the most a riff is trusted


_Drawn = list[tuple[int, int]]


class Span(NamedTuple):
    """Bars of a section that are thought of at once. first: the number of the first. own: this section's alone.

    following: the chord after them, or None. before: the chord before them, where the line goes on from there.
    fill: slot of the last bar from which the riff is left, or -1.
    """

    first: int
    bars: tuple[Bar, ...]
    chords: tuple[Chord, ...]
    following: Chord | None
    before: Chord | None
    fill: int
    own: bool


def draw_lines(plan: Plan, section: Section, model: BassModel, figure: Figure) -> list[tuple[int, int]]:
    """Return (slot, pitch) of a section's notes: first all onsets, then all pitches.

    Fours begin afresh, so that equal ones are equal; the last bar goes on from the note before.
    """
    slots, hand = plan.meter.slots, hand_of(plan, section, model)
    take = plan.takes.get(f"{section.name}/{PART}", 0)
    # What all sections of a material share is drawn once. Its chords are those of its first bar's number.
    shared = plan.once((PART, "fours", section.material, take), dict[tuple[object, ...], _Drawn])
    spans = _spans(plan, section, figure)
    fresh = [span for span in spans if span.own or (span.first, span.bars) not in shared]
    # All steps at once: to ask the model for many costs little more than for one.
    rhythm_steps(plan, model, hand, [bar for span in fresh for bar in span.bars])
    places = []
    for span in fresh:
        chance = (plan.own if span.own else plan.shared)(section, PART, "line rhythm")
        struck = onsets(Sampler(rhythm_steps(plan, model, hand, span.bars)).draw(chance), slots)
        places.append((struck, _spots(plan, hand, figure, span, struck)))
    pitch_steps(plan, model, hand, [spot for _, spots in places for spot in spots])
    base, none = plan.style.parts[PART].low + hand.low, hand.high - hand.low + 1
    line: list[tuple[int, int]] = []
    at = 0
    for span in spans:
        known = None if span.own else shared.get((span.first, span.bars))
        if known is None:
            struck, spots = places[at]
            at += 1
            chance = (plan.own if span.own else plan.shared)(section, PART, "line pitch")
            start = min(max(line[-1][1] - base, 0), none - 1) if span.own and line else none
            pitches = Sampler(pitch_steps(plan, model, hand, spots), start).draw(chance)
            known = [(span.first * slots + slot, base + pitch) for slot, pitch in zip(struck, pitches, strict=True)]
            if not span.own:
                shared[span.first, span.bars] = known
        line += known
    return line


def _spots(plan: Plan, hand: Hand, figure: Figure, span: Span, struck: list[int]) -> list[Spot]:
    slots, count, trust = plan.meter.slots, len(figure.bars), _trust(plan)
    riffs = [figure.bars[(slot // slots + span.first) % count].get(slot % slots) for slot in struck]
    # At a phrase's end the line leads on rather than keeping to the riff.
    leaving = span.following is not None and span.following.bass != span.chords[-1].bass
    last = len(span.bars) * slots - slots
    free = last + (span.fill if span.fill >= 0 else slots // 2) if leaving else len(span.chords)
    known = [None if slot >= free else note for slot, note in zip(struck, riffs, strict=True)]
    before = span.before.bass if span.before is not None else None
    return note_spots(plan, struck, span.chords, span.following, before, hand, known, trust)


def _spans(plan: Plan, section: Section, figure: Figure) -> list[Span]:
    chords, slots, trust = chord_slots(section, plan.meter), plan.meter.slots, _trust(plan)
    riffs = [sum(1 << slot for slot in bar) for bar in figure.bars]
    found = []
    for first, end in pieces(section.bars, ending_bar(plan, section)):
        own = end == section.bars
        fill = fill_slot(plan, section) if own else -1
        bars = []
        for number in range(first, end):
            here = chords[number * slots : (number + 1) * slots]
            new = changes_in(here, chords[number * slots - 1] if number > first else None)
            riff = riffs[number % len(riffs)]
            bars.append(Bar(riff, trust, kick_of(section, number), new, new, number % 4, fill))
        following = next_chord(plan, section) if own else chords[end * slots]
        before = chords[first * slots - 1] if own and first else None
        found.append(Span(first, tuple(bars), chords[first * slots : end * slots], following, before, fill, own))
    return found


def fill_slot(plan: Plan, section: Section) -> int:
    """Return the slot of the last bar from which the bass leaves its riff, or -1."""
    groove = section.groove[-1] if len(section.groove) >= section.bars else None
    if groove is None or groove.fill < 0 or section.name == plan.sections[-1].name:
        return -1
    joins = plan.own(section, PART, "fill").below(100) < plan.style.rules["bass.fill"]
    return max(groove.fill, plan.meter.slots // 2) if joins else -1


def _trust(plan: Plan) -> int:
    return max(plan.style.rules["bass.riff"] * TRUST // 100, 1)
