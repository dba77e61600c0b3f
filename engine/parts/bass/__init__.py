"""The bass: a figure of one or two bars for each material, fitted to every chord and locked with the kick.

A song has one player, with a manner of his own, and one figure that its materials lean on. Each material's figure
is drawn once, as slots and pitches. Four bars at a time are then drawn with the figure as what the player
remembers, so that it comes back as riffs do, moved with the chords, and bends where the chord, the next root or
the kick ask for it. The last bar of a section is its own, with a fill where the drums have one.
"""

from __future__ import annotations

from collections.abc import Sequence
from functools import partial

from engine.models.bass import BassModel, bass_model
from engine.parts.bass.figure import Figure, draw_figure
from engine.parts.bass.line import draw_lines
from engine.parts.bass.player import PART
from engine.plan.ending import ending_bar, ending_length
from engine.plan.plan import Plan
from engine.plan.reading import bar_weights, chord_slots, kick_of, next_changes
from engine.plan.riff import riffed
from engine.plan.voices import sung as voice
from engine.plan.voices import voiced
from engine.song import ACCENT, NORMAL, SOFT, Note, Section
from engine.theory.meter import SLOT

_note = partial(tuple.__new__, Note)  # half the time of a call of Note


def play(plan: Plan, section: Section) -> tuple[Note, ...]:
    """Return the bass of a section, in ticks from its start."""
    if voiced(plan):
        return voice(plan, section, PART)
    model = bass_model(plan.style.models)
    section = riffed(plan, section)
    take = plan.takes.get(f"{section.name}/{PART}", 0)
    figure = plan.once((PART, section.material, take), lambda: draw_figure(plan, section, model))
    final = ending_bar(plan, section)
    placed = draw_lines(plan, section, model, figure)
    if final >= 0:
        low, bass = plan.style.parts[PART].low, section.chord_at(final * plan.meter.bar).chord.bass
        placed = [*placed, (final * plan.meter.slots, low + (bass - low) % 12)]
    return sounded(plan, section, model, figure, placed, final)


def sounded(
    plan: Plan, section: Section, model: BassModel, figure: Figure, placed: Sequence[tuple[int, int]], final: int
) -> tuple[Note, ...]:
    """Return notes of (slot, pitch) pairs: as long as the touch says, never into a chord they do not fit."""
    chords, slots, metres = chord_slots(section, plan.meter), plan.meter.slots, bar_weights(plan.meter)
    end = section.bars * slots
    changes = next_changes(section, plan.meter)
    kicks = [kick_of(section, bar) for bar in range(section.bars)]
    notes = []
    for (slot, pitch), then in zip(placed, [*(slot for slot, _ in placed[1:]), end], strict=True):
        if slot == final * slots:
            notes.append(Note(slot * SLOT, ending_length(plan), pitch, ACCENT))
            continue
        length = min(then - slot, slots)
        if not figure.legato and length > 1:
            length = length // 2 if length < 4 else length - 1
        change = changes[slot]
        if change < slot + length and pitch % 12 not in chords[change].pitch_classes:
            length = change - slot
        weight = metres[slot % slots]
        kick = kicks[slot // slots] >> slot % slots & 1
        stress = ACCENT if weight == 4 or (kick and weight >= 2) else NORMAL if kick or weight else SOFT
        notes.append(_note((slot * SLOT, length * SLOT, pitch, stress, "")))
    return tuple(notes)
