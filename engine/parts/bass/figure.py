"""The figure of a material: one or two bars that come back all through it."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import lru_cache, partial
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from engine.chain.costs import NEVER
from engine.chain.sampler import Sampler, Step
from engine.models.bass import BassModel, Hand, Slots, Spot, note_steps, slot_costs
from engine.models.bass_tones import cost_of, quality, snap, tones
from engine.models.bass_views import LOWEST, NONE, NOWHERE
from engine.models.beats import bar_steps, grid, onsets
from engine.parts.bass.player import PART, hand_of, song_player
from engine.parts.bass.walk import RULE as WALK
from engine.parts.bass.walk import walked
from engine.plan.plan import Plan
from engine.plan.reading import bar_weights, change_masks, chord_slots, kick_of
from engine.song import Section
from engine.stream import Stream
from engine.theory.chord import Chord
from engine.theory.meter import Meter

Ints = NDArray[np.int64]

_spot = partial(tuple.__new__, Spot)  # half the time of a call of Spot
UNKNOWN = 2  # of a slot: no riff to go by
NEARLY = 2  # trust in the one rhythm of a song where the kick is another
ALIKE = 2  # trust of a figure in another's rhythm, or of its second bar in its first
SAME = 5  # where the player keeps to one rhythm, bars have it as it is
RELATED = 2  # trust of a figure in another's intervals
_FILL = -256  # cost of an onset in a fill


class Struck(NamedTuple):
    """A note of a figure: semitones above the lowest string, and the chord's bass there."""

    pitch: int
    root: int


class Figure(NamedTuple):
    """A riff: for each of its bars the notes by slot, and the kick it was made for. legato: notes last long."""

    bars: tuple[dict[int, Struck], ...]
    kicks: tuple[int, ...]
    legato: bool


class Bar(NamedTuple):
    """A bar whose rhythm is to be drawn.

    riff: slots as bits, or None where there is none. trust: in it. kick, must: slots as bits, the kick's, and those
    that have to be struck. new: those where the chord changes. turn: its number in four. fill: slot from
    which the riff is left, or -1.
    """

    riff: int | None
    trust: int
    kick: int
    must: int
    new: int
    turn: int
    fill: int = -1


def draw_figure(plan: Plan, section: Section, model: BassModel) -> Figure:
    """Return the figure of a section's material, found over the chord and kick of its first bars."""
    first = next((other for other in plan.sections if other.material == section.material), section)
    if plan.song(PART, "walk").below(100) < plan.style.rules[WALK]:
        bars, kicks = walked(plan, first, hand_of(plan, section, model), partial(plan.shared, section, PART))
        return Figure(tuple({slot: Struck(*note) for slot, note in bar.items()} for bar in bars), kicks, legato=True)
    related, said = plan.style.rules["bass.related"], plan.shared(section, PART, "relation").below(100)
    # Some players keep one rhythm all through a song; others let the song's figure be heard in what they play.
    trust = SAME if said * 100 < song_player(plan, model).one * related else ALIKE if said < related else 0
    home = plan.once((PART, "figure"), lambda: song_figure(plan, model)) if trust else None
    chance = partial(plan.shared, section, PART)
    return _drawn(plan, first, model, hand_of(plan, section, model), home, trust, chance)


def song_figure(plan: Plan, model: BassModel) -> Figure:
    """Return the figure that the others lean on, found over the beginning of the first verse."""
    verse = next((section for section in plan.sections if section.kind == "verse"), plan.sections[0])
    return _drawn(plan, verse, model, hand_of(plan, verse, model), None, 0, partial(plan.song, PART))


def _drawn(
    plan: Plan,
    first: Section,
    model: BassModel,
    hand: Hand,
    home: Figure | None,
    trust: int,
    chance: Callable[[str], Stream],
) -> Figure:
    # trust: in the rhythm of ``home``, the song's figure.
    slots = plan.meter.slots
    length = min(chance("length").pick((1, 2), (1, 2)) if home is None else len(home.bars), first.bars)
    chords, changes = chord_slots(first, plan.meter), change_masks(first, plan.meter)

    def rhythm(numbers: Sequence[int], riffs: Sequence[int | None], sure: int) -> list[int]:
        bars = []
        for number, riff in zip(numbers, riffs, strict=True):
            bars.append(Bar(riff, sure, kick_of(first, number), 1, changes[number], number))
        # The figure is made for the kick; once made, it keeps to itself.
        steps = rhythm_steps(plan, model, hand, bars, cost_of(10000 // plan.style.rules["bass.kick"]))
        drawn = Sampler(steps).draw(chance(f"rhythm {numbers[0]}"))
        return [numbers[0] * slots + slot for slot in onsets(drawn, slots)]

    if home is not None:
        same = [sum(1 << slot for slot in bar) for bar in home.bars[:length]]
        # One rhythm all through, or nearly, where the kick asks for another.
        kept = trust == SAME and all(home.kicks[number] == kick_of(first, number) for number in range(length))
        struck = _struck(same, slots) if kept else rhythm(range(length), same, min(trust, NEARLY))
    else:
        struck = rhythm([0], [None], 0)
        if length > 1:
            # The second bar has the rhythm of the first, or answers it: alike, and not the same.
            same = [sum(1 << slot for slot in struck)]
            even = chance("even").below(100) < song_player(plan, model).even
            struck += [slot + slots for slot in struck] if even else rhythm([1], same, ALIKE)
    known = {(number, slot): note for number, bar in enumerate(home.bars if home else ()) for slot, note in bar.items()}
    heard = [known.get(divmod(slot, slots)) for slot in struck]
    spots = note_spots(plan, struck, chords[: length * slots], None, None, hand, heard, [RELATED] * length)
    drawn = Sampler(pitch_steps(plan, model, hand, spots), hand.high - hand.low + 1).draw(chance("intervals"))
    gap = max(slots * length // max(len(struck), 1), 1)
    short, nearly, full = (int(n) for n in model.length[min(gap, 16)])
    legato = chance("touch").pick((False, True), (short, nearly + full))
    bars: tuple[dict[int, Struck], ...] = tuple({} for _ in range(length))
    for slot, pitch in zip(struck, drawn, strict=True):
        bars[slot // slots][slot % slots] = Struck(hand.low + pitch, chords[slot].bass)
    return Figure(bars, tuple(kick_of(first, number) for number in range(length)), legato)


def _struck(bars: Sequence[int], slots: int) -> list[int]:
    return [number * slots + slot for number, bar in enumerate(bars) for slot in range(slots) if bar >> slot & 1]


def rhythm_steps(plan: Plan, model: BassModel, hand: Hand, bars: Sequence[Bar], lock: int = 0) -> list[Step]:
    """Return the steps of the rhythm of bars; ``lock`` is the cost of leaving a kick alone."""
    known = plan.once((PART, "bar steps", hand.state, lock), dict[Bar, list[Step]])  # of this song: bars come again
    fresh = [bar for bar in dict.fromkeys(bars) if bar not in known]
    if fresh:
        known.update(zip(fresh, _bar_steps(plan, model, hand, fresh, lock), strict=True))
    return [step for bar in bars for step in known[bar]]


def _bar_steps(plan: Plan, model: BassModel, hand: Hand, bars: Sequence[Bar], lock: int) -> list[list[Step]]:
    here, positions = _slots(plan.meter)
    riff, trust, kick, must, new, turn, fill = np.array([(*(bar[0] or 0, *bar[1:]),) for bar in bars]).T[:, :, None]
    known = np.array([bar.riff is not None for bar in bars])[:, None]
    fills = (fill >= 0) & (fill <= here)
    known = known & ~fills
    kick, must, new = kick >> here & 1, must >> here & 1, new >> here & 1
    shape = kick.shape
    columns = (positions, kick, np.where(known, riff >> here & 1, UNKNOWN), np.where(known, trust, 0), turn, new)
    slots = Slots(*(np.broadcast_to(values, shape).reshape(-1) for values in columns))
    costs = slot_costs(model, slots, hand.manner, hand.state)
    if plan.eighths and not plan.meter.compound:
        costs[:, :, 1] += (here % 2 * NEVER * np.ones_like(kick)).reshape(-1, 1)
    costs[:, :, 0] += (kick * lock + must * NEVER).reshape(-1, 1)
    if fills.any():
        costs[:, :, 1] += (fills * _FILL).reshape(-1, 1)
    return bar_steps(costs, plan.meter)


@lru_cache(maxsize=16)
def _slots(meter: Meter) -> tuple[Ints, Ints]:
    return np.arange(meter.slots), np.array(grid(meter))


def pitch_steps(plan: Plan, model: BassModel, hand: Hand, spots: Sequence[Spot]) -> list[Step]:
    """Return the steps of the pitches of notes."""
    known = plan.once((PART, "note steps", hand), dict[Spot, Step])  # of this song, likewise
    fresh = [spot for spot in dict.fromkeys(spots) if spot not in known]
    if fresh:
        known.update(zip(fresh, note_steps(model, fresh, hand), strict=True))
    return [known[spot] for spot in spots]


def note_spots(
    plan: Plan,
    struck: Sequence[int],
    chords: Sequence[Chord],
    following: Chord | None,
    before: int | None,
    hand: Hand,
    riff: Sequence[Struck | None],
    trust: Sequence[int],
) -> list[Spot]:
    """Return where notes stand.

    following: the chord after the last slot. before: the bass of the chord of the note before, or None.
    riff: what it has at each note; trust: in it, in each bar.
    """
    slots, metres, rules = plan.meter.slots, bar_weights(plan.meter), plan.style.rules
    weighed = rules["bass.colour"], rules["bass.root"], rules["bass.approach"], rules["bass.chromatic"]
    found, low, high, whole = [], hand.low, hand.high, len(chords)
    ruled, snapped = dict[tuple[object, ...], tuple[int, ...]](), dict[int, int]()
    last: Chord | None = None
    for slot, later, known in zip(struck, [*struck[1:], whole], riff, strict=True):
        chord = chords[slot]
        if chord is not last:
            last, root, third = chord, chord.bass, quality(chord)
            ruled.clear()
            snapped.clear()
        metre, new = 4 - metres[slot % slots], before != root
        coming = chords[later] if later < whole else following
        move = 0 if coming is None else (coming.bass - root) % 12
        memory, was, near = NONE, NOWHERE, 0
        if known is not None:
            interval = (known.pitch + LOWEST - known.root) % 12
            if interval not in snapped:
                snapped[interval] = snap(interval, chord, plan.key)
            memory, near = snapped[interval], trust[slot // slots]
            # Moved with the chord the short way, and by octaves into the range.
            was = known.pitch + (root - known.root + 5) % 12 - 5 + memory - interval
            was += 12 * (was < low) - 12 * (was > high)
            was = was if low <= was <= high else NOWHERE
        asked = move, new, lasts(later - slot, metre)
        if asked not in ruled:
            ruled[asked] = tones(plan.key, chord, (root + move) % 12 if move else None, *asked[1:], *weighed)
        motion = NONE if before is None else (root - before) % 12
        sure = near if was < NOWHERE else 0
        found.append(_spot((root, metre, third, int(new), move, motion, memory, was, near, sure, ruled[asked])))
        before = root
    return found


def lasts(gap: int, metre: int) -> bool:
    """Return whether a note of ``gap`` slots at a metrical level (0 downbeat) is heard as harmony."""
    return gap >= (4 if metre <= 1 else 6)
