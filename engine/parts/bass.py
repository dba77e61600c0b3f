"""The bass: a figure of one or two bars for each material, fitted to every chord and locked with the kick.

The figure is drawn once for a material, as a rhythm and as intervals above the root. Four bars at a time are then drawn
with the figure as what the player remembers, so that it comes back as riffs do, moved with the chords, and bends
where the chord, the next root or the kick ask for it. The last bar of a section is its own, with a fill where
the drums have one.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

from engine.chain.sampler import Sampler, Step
from engine.models.bass import NONE, TRUST, BassModel, bass_model, figure_step, note_step, riff_steps, state_steps
from engine.models.bass_tones import cost_of, quality, snap, tones
from engine.models.beats import beat_step, beats, bits, grid, onsets
from engine.plan.ending import ending_bar, ending_length
from engine.plan.plan import Plan
from engine.plan.reading import bar_weights, chord_slots, kick_of, next_changes, next_chord, pieces
from engine.song import ACCENT, NORMAL, SOFT, Note, Section
from engine.stream import Stream
from engine.theory.chord import Chord
from engine.theory.meter import SLOT

PART = "bass"
ALIKE = 2  # trust of a figure's second bar in the rhythm of its first
_NEAR = 40  # notes in 16 bars: bar states no further apart may share a rhythm
# Notes in a 4/4 bar by energy 1..5, in percent of the style's at energy 3.
_BUSY = (45, 70, 100, 120, 140)


class Figure(NamedTuple):
    """A riff: for each of its bars the slots it strikes and the interval above the root at each of them.

    legato: whether notes last until the next. cluster: the bar state of each bar.
    """

    slots: tuple[tuple[int, ...], ...]
    intervals: tuple[tuple[int, ...], ...]
    legato: bool
    clusters: tuple[int, ...]


class Span(NamedTuple):
    """Bars of a section to draw in one piece: what the line depends on, so that equal ones are drawn once.

    chords: of every slot. kicks: of every bar. following: the chord after the last slot, or None.
    before: the pitch before a section's last bar, else -1 (fours begin afresh). fill: slot of the last bar from which
    the riff is left, or -1. phase: the figure's bar at the first bar.
    """

    chords: tuple[Chord, ...]
    kicks: tuple[int, ...]
    following: Chord | None
    before: int
    fill: int
    phase: int
    energy: int


def play(plan: Plan, section: Section) -> tuple[Note, ...]:
    """Return the bass of a section, in ticks from its start."""
    model = bass_model(plan.style.models)
    take = plan.takes.get(f"{section.name}/{PART}", 0)
    figure = plan.once((PART, section.material, take), lambda: draw_figure(plan, section, model))
    chords = chord_slots(section, plan.meter)
    slots = plan.meter.slots
    final = ending_bar(plan, section)
    placed: list[tuple[int, int]] = []  # slot, pitch
    for first, end in pieces(section.bars, final):
        own = end == section.bars
        following = chords[end * slots] if not own else next_chord(plan, section)
        span = Span(
            chords[first * slots : end * slots],
            tuple(kick_of(section, bar) for bar in range(first, end)),
            following,
            placed[-1][1] if own and placed else -1,
            fill_slot(plan, section) if own else -1,
            first % len(figure.slots),
            section.energy,
        )
        line = plan.once(
            (PART, section.material, take, figure, span, section.name if own else ""),
            lambda span=span, own=own: draw_line(plan, section, model, figure, span, own),  # type: ignore[misc]
        )
        placed += [(first * slots + slot, pitch) for slot, pitch in line]
    if final >= 0:
        low = plan.style.parts[PART].low
        root = low + (chords[final * slots].bass - low) % 12
        placed.append((final * slots, root))
    return sounded(plan, section, figure, placed, final)


def draw_figure(plan: Plan, section: Section, model: BassModel) -> Figure:
    """Return the figure of a section's material, found over the chord and kick of its first bars."""
    first = next((other for other in plan.sections if other.material == section.material), section)
    length = min(plan.shared(section, PART, "length").pick((1, 2), (1, 2)), first.bars)
    clusters = draw_states(plan, model, first.energy, length, plan.shared(section, PART, "states"))
    slots = plan.meter.slots
    struck: list[int] = []
    for bar in range(length):
        # The second bar answers the first: alike, and not the same.
        memory: tuple[int, ...] | None = tuple(struck)
        if not bar:
            memory = song_bar(plan, model, clusters[0], plan.shared(section, PART, "relation"))
        stream = plan.shared(section, PART, f"rhythm {bar}")
        added = draw_bar(plan, model, kick_of(first, bar), clusters[bar], first.energy, memory, stream)
        struck += [bar * slots + slot for slot in added]
    chords, metres = chord_slots(first, plan.meter), bar_weights(plan.meter)
    notes = []
    for slot, later in zip(struck, [*struck[1:], length * slots], strict=True):
        chord, bar = chords[slot], slot // slots
        metre = 4 - metres[slot % slots]
        rules = tones(plan.key, chord, None, metre == 0, lasts(later - slot, metre), *harmonic(plan))
        notes.append(figure_step(model, metre, quality(chord), clusters[bar], rules))
    drawn = Sampler(notes, NONE).draw(plan.shared(section, PART, "intervals"))
    gap = max(slots * length // max(len(struck), 1), 1)
    short, nearly, full = (int(n) for n in model.length[min(gap, 16)])
    legato = plan.shared(section, PART, "touch").pick((False, True), (short, nearly + full))
    bars = range(length)
    return Figure(
        tuple(tuple(slot % slots for slot in struck if slot // slots == bar) for bar in bars),
        tuple(tuple(step for slot, step in zip(struck, drawn, strict=True) if slot // slots == bar) for bar in bars),
        legato,
        clusters,
    )


def draw_states(plan: Plan, model: BassModel, energy: int, length: int, stream: Stream) -> tuple[int, ...]:
    """Return the bar state of each bar of a figure, near the density wanted."""
    wanted = plan.style.rules["bass.notes"] * _BUSY[energy - 1] * 16 // 1000
    kinds = model.emit.shape[1]
    return tuple(event % kinds for event in Sampler(state_steps(model, wanted, length)).draw(stream))


def song_bar(plan: Plan, model: BassModel, cluster: int, stream: Stream) -> tuple[int, ...] | None:
    """Return the rhythm that many figures of a song lean on, or None where this one is to be another."""
    verse = next((section for section in plan.sections if section.kind == "verse"), plan.sections[0])
    (base,) = draw_states(plan, model, verse.energy, 1, plan.song(PART, "state"))
    apart = abs(int(model.density[base] - model.density[cluster]))
    if apart > _NEAR or stream.below(100) >= plan.style.rules["bass.related"]:
        return None
    return plan.once(
        (PART, "song"),
        lambda: draw_bar(plan, model, kick_of(verse, 0), base, verse.energy, None, plan.song(PART, "rhythm")),
    )


def draw_bar(
    plan: Plan, model: BassModel, kick: int, cluster: int, energy: int, memory: tuple[int, ...] | None, stream: Stream
) -> tuple[int, ...]:
    """Return the struck slots of a figure's bar: by its state, or after another bar where there is ``memory``."""
    positions, groups = grid(plan.meter), beats(plan.meter.slots)
    lock = cost_of(10000 // plan.style.rules["bass.kick"])
    steps = []
    for group in groups:
        wanted, must = ((bits(kick, group), lock),), int(group[0] == 0)
        if memory is None:
            context = tuple((positions[slot], kick >> slot & 1, cluster) for slot in group)
            tilt = 200 if energy == 1 else 0
            steps.append(beat_step(model.free, context, tilt, wanted, must, 0, group is groups[-1]))
        else:
            told = tuple((int(slot in memory), ALIKE, kick >> slot & 1, positions[slot]) for slot in group)
            steps.append(beat_step(model.rhythm, told, 0, wanted, must, 0, group is groups[-1]))
    return tuple(onsets(Sampler(steps).draw(stream), plan.meter.slots))


def draw_line(
    plan: Plan, section: Section, model: BassModel, figure: Figure, span: Span, own: bool
) -> tuple[tuple[int, int], ...]:
    """Return (slot, pitch) of the notes of a span: first all onsets, then all pitches."""
    chance = plan.own if own else plan.shared
    rules, slots = plan.style.rules, plan.meter.slots
    trust = max(rules["bass.riff"] * TRUST // 100, 1)
    lock = cost_of(10000 // rules["bass.kick"])
    changes = {slot for slot in range(1, len(span.chords)) if span.chords[slot] != span.chords[slot - 1]} | {0}
    musts = [0] * len(span.kicks)
    for slot in changes:
        musts[slot // slots] |= 1 << slot % slots
    steps: list[Step] = []
    for bar, kick in enumerate(span.kicks):
        number, last = (bar + span.phase) % len(figure.slots), bar == len(span.kicks) - 1
        fill = span.fill if last else -1
        riff = figure.slots[number]
        steps += riff_steps(model, plan.meter, riff, figure.clusters[number], kick, lock, trust, musts[bar], last, fill)
    struck = onsets(Sampler(steps).draw(chance(section, PART, "line rhythm")), slots)
    style = plan.style.parts[PART]
    notes: list[Step] = []
    known = plan.once((PART, "note steps"), dict[object, Step])  # of this song, by what a note may depend on in it
    chord, weighed = None, harmonic(plan)
    metres = bar_weights(plan.meter)
    riffs = [dict(zip(*bar, strict=True)) for bar in zip(figure.slots, figure.intervals, strict=True)]
    for slot, later in zip(struck, [*struck[1:], len(span.chords)], strict=True):
        bar = slot // slots
        new, chord = span.chords[slot] != chord, span.chords[slot]
        coming = span.chords[later] if later < len(span.chords) else span.following
        target = coming.bass if coming is not None and coming.bass != chord.bass else None
        memory = riffs[(bar + span.phase) % len(riffs)].get(slot % slots, NONE)
        leaving = bar == len(span.kicks) - 1 and target is not None
        if leaving and slot % slots >= (span.fill if span.fill >= 0 else slots // 2):
            # At a phrase's end the line leads on rather than keeping to the riff.
            memory = NONE
        metre = 4 - metres[slot % slots]
        wish = (chord, target, new, lasts(later - slot, metre), memory, metre)
        if wish not in known:
            known[wish] = note_step(
                model,
                style.low,
                style.high,
                chord.bass,
                tones(plan.key, chord, target, new, wish[3], *weighed),
                snap(memory, chord, plan.key),
                trust,
                metre,
                quality(chord),
                0 if target is None else (target - chord.bass) % 12,
            )
        notes.append(known[wish])
    start = span.before - style.low if span.before >= 0 else style.high - style.low + 1
    pitches = Sampler(notes, start).draw(chance(section, PART, "line pitch"))
    return tuple((slot, style.low + pitch) for slot, pitch in zip(struck, pitches, strict=True))


def sounded(
    plan: Plan, section: Section, figure: Figure, placed: Sequence[tuple[int, int]], final: int
) -> tuple[Note, ...]:
    """Return notes of (slot, pitch) pairs: as long as the touch says, never into a chord they do not fit."""
    chords, slots, metres = chord_slots(section, plan.meter), plan.meter.slots, bar_weights(plan.meter)
    end = section.bars * slots
    changes = next_changes(chords)
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
        notes.append(Note(slot * SLOT, length * SLOT, pitch, stress))
    return tuple(notes)


def fill_slot(plan: Plan, section: Section) -> int:
    """Return the slot of the last bar from which the bass leaves its riff, or -1."""
    groove = section.groove[-1] if len(section.groove) >= section.bars else None
    if groove is None or groove.fill < 0 or section.name == plan.sections[-1].name:
        return -1
    joins = plan.own(section, PART, "fill").below(100) < plan.style.rules["bass.fill"]
    return max(groove.fill, plan.meter.slots // 2) if joins else -1


def lasts(gap: int, metre: int) -> bool:
    """Return whether a note of ``gap`` slots at a metrical level (0 downbeat) is heard as harmony."""
    return gap >= (4 if metre <= 1 else 6)


def harmonic(plan: Plan) -> tuple[int, int, int, int]:
    """Return the weights, in percent, that ``tones`` takes from the style."""
    rules = plan.style.rules
    return rules["bass.colour"], rules["bass.root"], rules["bass.approach"], rules["bass.chromatic"]
