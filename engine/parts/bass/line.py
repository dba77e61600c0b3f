"""The bass of a section, four bars at a time: the figure as it is remembered, over these chords and this kick."""

from __future__ import annotations

from functools import partial
from typing import NamedTuple

from engine.chain.sampler import Sampler
from engine.chain.watch import watcher
from engine.models.bass import LOOSE, BassModel, Hand, Spot
from engine.models.bass_views import LOWEST
from engine.models.beats import onsets
from engine.parts.bass.figure import Bar, Figure, note_spots, pitch_steps, rhythm_steps
from engine.parts.bass.player import PART, hand_of, song_player
from engine.parts.bass.told import pitches_told, rhythm_told
from engine.plan.ending import ending_bar
from engine.plan.plan import Plan
from engine.plan.reading import change_masks, chord_slots, kick_of, next_chord, pieces
from engine.song import Section
from engine.theory.chord import Chord

TRUST = 5  # the most a riff is trusted
_STRAYING = (
    35  # percent of the bars with other pitches than one of the last: most of these are in the riff all the same
)


_Drawn = list[tuple[int, int]]


class Span(NamedTuple):
    """Bars of a section that are thought of at once. first: the number of the first. own: of this section alone.

    following: the chord after them, or None. before: the chord before them, where the line goes on from there.
    fill: slot of the last bar from which the riff is left, or -1. trust: in the riff's pitches, bar by bar.
    """

    first: int
    bars: tuple[Bar, ...]
    trust: tuple[int, ...]
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
    spans = _spans(plan, section, model, figure)
    fresh = [span for span in spans if span.own or _key(span) not in shared]
    # All steps at once: to ask the model for many costs little more than for one.
    rhythm_steps(plan, model, hand, [bar for span in fresh for bar in span.bars])
    places = []
    for span in fresh:
        chance = (plan.own if span.own else plan.shared)(section, PART, "line rhythm")
        rhythm = Sampler(rhythm_steps(plan, model, hand, span.bars))
        if watcher():
            rhythm.about = rhythm_told(plan, model, hand, span.bars)
        struck = onsets(rhythm.draw(chance), slots)
        places.append((struck, _spots(plan, hand, figure, span, struck)))
    pitch_steps(plan, model, hand, [spot for _, spots in places for spot in spots])
    base, none = LOWEST + hand.low, hand.high - hand.low + 1
    line: list[tuple[int, int]] = []
    at = 0
    for span in spans:
        known = None if span.own else shared.get(_key(span))
        if known is None:
            struck, spots = places[at]
            at += 1
            chance = (plan.own if span.own else plan.shared)(section, PART, "line pitch")
            start = min(max(line[-1][1] - base, 0), none - 1) if span.before is not None else none
            tune = Sampler(pitch_steps(plan, model, hand, spots), start)
            if watcher():
                asked = partial(_spots, hand=hand, figure=figure, span=span, struck=struck)
                tune.about = pitches_told(plan, model, hand, struck, asked)
            pitches = tune.draw(chance)
            known = [(span.first * slots + slot, base + pitch) for slot, pitch in zip(struck, pitches, strict=True)]
            if not span.own:
                shared[_key(span)] = known
        line += known
    return line


def _key(span: Span) -> tuple[object, ...]:
    # What sections of one material may differ in; the chords are theirs in common.
    return span.first, span.bars, span.following if span.before is not None else None


def _spots(plan: Plan, hand: Hand, figure: Figure, span: Span, struck: list[int]) -> list[Spot]:
    slots, count = plan.meter.slots, len(figure.bars)
    riffs = [figure.bars[(slot // slots + span.first) % count].get(slot % slots) for slot in struck]
    # At a phrase's end the line leads on rather than keeping to the riff.
    leaving = span.following is not None and span.following.bass != span.chords[-1].bass
    last = len(span.bars) * slots - slots
    free = last + (span.fill if span.fill >= 0 else slots - plan.meter.beat) if leaving else len(span.chords)
    known = [None if slot >= free else note for slot, note in zip(struck, riffs, strict=True)]
    before = span.before.bass if span.before is not None else None
    return note_spots(plan, struck, span.chords, span.following, before, hand, known, span.trust)


def _spans(plan: Plan, section: Section, model: BassModel, figure: Figure) -> list[Span]:
    chords, changes, slots = chord_slots(section, plan.meter), change_masks(section, plan.meter), plan.meter.slots
    take = plan.takes.get(f"{section.name}/{PART}", 0)
    rhythm, pitches = plan.once(
        (PART, "trusts", section.material, take and section.name), lambda: _trusts(plan, section, model)
    )
    riffs = [sum(1 << slot for slot in bar) for bar in figure.bars]
    found = []
    for first, end in pieces(section.bars, ending_bar(plan, section)):
        last = end == section.bars
        fill = fill_slot(plan, section) if last else -1
        own = fill >= 0
        bars = []
        for number in range(first, end):
            new = changes[number] | (number == first)
            riff = riffs[number % len(riffs)]
            bars.append(Bar(riff, rhythm[number % len(rhythm)], kick_of(section, number), new, new, number % 4, fill))
        following = next_chord(plan, section) if last else chords[end * slots]
        before = chords[first * slots - 1] if last and first else None
        found.append(
            Span(
                first,
                tuple(bars),
                tuple(pitches[number % len(pitches)] for number in range(first, end)),
                chords[first * slots : end * slots],
                following,
                before,
                fill,
                own,
            )
        )
    return found


def fill_slot(plan: Plan, section: Section) -> int:
    """Return the slot of the last bar from which the bass leaves its riff, or -1."""
    groove = section.groove[-1] if len(section.groove) >= section.bars else None
    if groove is None or groove.fill < 0 or plan.ends(section):
        return -1
    joins = plan.own(section, PART, "fill").below(100) < plan.style.rules["bass.fill"]
    return max(groove.fill, plan.meter.slots // 2) if joins else -1


def _trusts(plan: Plan, section: Section, model: BassModel) -> tuple[list[int], list[int]]:
    """Return the trust in the riff's rhythm and in its pitches for eight bars: most keep to it, some leave it."""
    manner = song_player(plan, model).manner
    most = max(plan.style.rules["bass.riff"] * TRUST // 100, 1)
    words = plan.shared(section, PART, "leave").words(16)
    shares = (model.leave[manner.steady], model.stray[manner.faithful] * _STRAYING // 100)
    leaves = [
        [(word * 100 >> 64) < share[number % 4] for number, word in enumerate(words[at : at + 8])]
        for at, share in zip((0, 8), shares, strict=True)
    ]
    # A figure is heard as it is before anything is made of it.
    rhythm, pitches = (
        [most if number < 2 or not left else min(LOOSE, most) for number, left in enumerate(part)] for part in leaves
    )
    return rhythm, pitches
