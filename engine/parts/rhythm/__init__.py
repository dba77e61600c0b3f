"""The rhythm guitar: power chords, palm mutes, strums and broken chords, in shapes that a hand can reach.

Each material has a texture, by its energy, and a pattern of one or two bars drawn against kick and snare. Four
bars at a time are drawn with the pattern as what the player remembers; a chord change is always struck. Shapes
are drawn together, so that the hand moves little. Where somebody sings the pattern is thinner; in the gaps the
guitar may answer, pushing with the kick.
"""

from __future__ import annotations

from functools import partial

from engine.models.guitar import GAPS, guitar_model
from engine.parts.rhythm.hand import draw_shapes
from engine.parts.rhythm.pattern import Pattern, draw_pattern
from engine.parts.rhythm.reading import PART, answers, drum_codes, stop_slot
from engine.parts.rhythm.strokes import Span, Stroke, bar_steps_of, bars_of, draw_strokes
from engine.plan.ending import ending_bar, ending_length
from engine.plan.plan import Plan
from engine.plan.reading import change_masks, chord_slots, next_changes, pieces
from engine.plan.riff import riffed
from engine.plan.voices import sung as voice
from engine.plan.voices import voiced
from engine.song import ACCENT, NORMAL, SOFT, Note, Section
from engine.theory.fretboard import Shape
from engine.theory.meter import SLOT

_SHORT = 1  # slots that an off-beat chord sounds
_note = partial(tuple.__new__, Note)  # half the time of a call of Note


def play(plan: Plan, section: Section) -> tuple[Note, ...]:
    """Return the rhythm guitar of a section, in ticks from its start."""
    if voiced(plan):
        return voice(plan, section, PART)
    model = guitar_model(plan.style.models)
    section = riffed(plan, section)
    take = plan.takes.get(f"{section.name}/{PART}", 0)
    pattern = plan.once((PART, section.material, take), lambda: draw_pattern(plan, section, model))
    chords, slots = chord_slots(section, plan.meter), plan.meter.slots
    final = ending_bar(plan, section)
    room = answers(plan, section)
    changes = change_masks(section, plan.meter)
    codes = [drum_codes(section, bar, slots) for bar in range(section.bars)]
    spans = []
    for first, end in pieces(section.bars, final):
        stop = stop_slot(plan, section) if end == section.bars else -1
        drums = tuple(codes[first:end])
        span = Span(changes[first:end], drums, stop, first % len(pattern.slots), room[first:end])
        spans.append((first, span, section.name if stop >= 0 else ""))
    # What sections of a material share is drawn once.
    known = plan.once((PART, "spans", section.material, take), dict[tuple[Span, str], tuple[Stroke, ...]])
    fresh = {(span, own): bars_of(pattern, span, plan.meter) for _, span, own in spans if (span, own) not in known}
    # All steps at once: to make many costs little more than to make one.
    bar_steps_of(plan, model, [bar for bars in fresh.values() for bar in bars])
    for (span, own), bars in fresh.items():
        known[span, own] = draw_strokes(plan, section, model, pattern, span, bars, bool(own))
    strokes: list[Stroke] = []
    for first, span, own in spans:
        drawn = known[span, own]
        strokes += [Stroke(first * slots + stroke.slot, stroke.open) for stroke in drawn]
    if final >= 0:
        strokes.append(Stroke(final * slots, True))
    held = plan.once(
        (PART, "shapes", section.material, take, section.chords), lambda: draw_shapes(plan, section, pattern, chords)
    )
    return sounded(plan, section, pattern, strokes, held, codes, final)


def sounded(
    plan: Plan,
    section: Section,
    pattern: Pattern,
    strokes: list[Stroke],
    held: tuple[Shape, ...],
    drums: list[tuple[int, ...]],
    final: int,
) -> tuple[Note, ...]:
    """Return the notes of strokes: open ones ring to the next stroke or chord, muted ones last a slot."""
    slots = plan.meter.slots
    changes = next_changes(section, plan.meter)
    ringing = {"hold": slots, "skank": _SHORT}.get(pattern.texture, max(GAPS * 2, slots // 2))
    notes: list[Note] = []
    turn = 0
    for stroke, later in zip(strokes, [*(other.slot for other in strokes[1:]), section.bars * slots], strict=True):
        bar, at = divmod(stroke.slot, slots)
        shape = held[stroke.slot]
        ticks = min(later - stroke.slot, ringing, changes[stroke.slot] - stroke.slot) * SLOT
        drum = drums[bar][at]
        stress = ACCENT if stroke.open and (drum == 2 or at == 0) else NORMAL if stroke.open or drum else SOFT
        if bar == final:
            notes += [Note(stroke.slot * SLOT, ending_length(plan), pitch, ACCENT) for pitch in shape.pitches]
        elif pattern.texture == "arpeggio":
            turn = 0 if at == 0 or held[stroke.slot - 1] != shape else turn + 1
            voice = pattern.order[turn % len(pattern.order)]
            notes.append(Note(stroke.slot * SLOT, ticks, shape.pitches[min(voice, len(shape.pitches) - 1)], NORMAL))
        elif pattern.texture == "boogie":
            notes += boogie(plan, stroke.slot, ticks, shape.pitches[0])
        elif stroke.open:
            start = stroke.slot * SLOT
            notes += [_note((start, ticks, pitch, stress, "")) for pitch in shape.pitches]
        else:
            start = stroke.slot * SLOT
            notes += [_note((start, SLOT, pitch, stress, "mute")) for pitch in shape.pitches[:2]]
    return tuple(notes)


def boogie(plan: Plan, slot: int, ticks: int, root: int) -> list[Note]:
    """Return root and fifth on every other beat, root and sixth on those between."""
    beat = slot % plan.meter.slots // plan.meter.beat
    upper = min(root + (9 if beat % 2 else 7), plan.style.parts[PART].high)
    stress = NORMAL if slot % plan.meter.beat else ACCENT
    return [Note(slot * SLOT, ticks, pitch, stress) for pitch in (root, upper)]
