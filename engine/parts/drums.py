"""The drummer: kick and snare as the groove says, and what the hands add."""

from __future__ import annotations

from functools import partial
from typing import NamedTuple

from engine.models.drums import CLOSED, FLOOR, GHOST, HANDS, NO_CYMBAL, OPEN_HAT, RIDE_CYMBAL, load_drums
from engine.parts.hands import Manner, draw_hands, draw_voices, leading
from engine.plan.accents import mask, slots_of
from engine.plan.ending import ending_length
from engine.plan.groove import BUILD, ENDING, PLAIN
from engine.plan.plan import Plan
from engine.song import ACCENT, NORMAL, SOFT, BarGroove, Note, Section
from engine.song import GHOST as FAINT
from engine.stream import Stream
from engine.theory.gm import KIT
from engine.theory.meter import SLOT

PART = "drums"

_STROKE = SLOT // 2  # ticks a stroke is written for; a drum only starts
_VOICES = ("snare", "tom1", "tom2", "floor")  # of a fill


class _Sound(NamedTuple):
    """How a section sounds: the hands' manner, and the instruments of the leading stroke and of the snare."""

    manner: Manner
    lead: str
    snare: str


def play(plan: Plan, section: Section) -> tuple[Note, ...]:
    """Return the notes of a section, from its start; the pitch is a General MIDI drum number.

    Two hands and two feet: at most two struck instruments sound at once beside the kick.
    """
    notes: list[Note] = []
    for number, groove in enumerate(section.groove):
        start = number * plan.meter.bar
        if groove.state == ENDING:
            hits = [(0, name, ACCENT) for name in ("kick", "crash", "crash2" if section.energy >= 4 else "snare")]
            length = ending_length(plan)
        else:
            # Equal bars sound alike, but for fills and build-ups, which know where they stand.
            key = ("drum bar", section.name, groove if groove.fill < 0 else number)
            hits, length = plan.once(key, partial(_bar, plan, section, number, groove)), _STROKE
        notes += [Note(start + slot * SLOT, length, KIT[name], stress) for slot, name, stress in hits]
    return tuple(sorted(notes))


Hit = tuple[int, str, int]  # slot, name in KIT, stress


def _bar(plan: Plan, section: Section, number: int, groove: BarGroove) -> list[Hit]:
    if groove.state == BUILD:
        return _gather(plan, section, number, groove)
    sound = _sound(plan, section, groove.state)
    first = plan.meter.slots if groove.fill < 0 else groove.fill
    hits = _kicks(plan, section, groove)
    hits += [
        (slot, sound.snare, ACCENT if section.energy >= 3 or sound.snare == "stick" else NORMAL)
        for slot in slots_of(groove.snare)
        if slot < first
    ]
    hands = _hands(plan, section, groove, first, sound)
    hits += [hit for hit in hands if hit[0] < first and not (groove.crash and hit[0] == 0)]
    if groove.fill >= 0:
        hits += _fill(plan, section, number, groove)
    if groove.crash and not (groove.snare & 1 and groove.fill == 0):
        hits.append((0, "crash", ACCENT))
    return hits


def _kicks(plan: Plan, section: Section, groove: BarGroove) -> list[Hit]:
    strong = ACCENT if section.energy >= 3 else NORMAL
    return [(slot, "kick", strong if plan.meter.weight(slot) >= 2 else NORMAL) for slot in slots_of(groove.kick)]


def _sound(plan: Plan, section: Section, state: int) -> _Sound:
    return plan.once(("drum sound", section.name, state), lambda: _choose_sound(plan, section, state))


def _choose_sound(plan: Plan, section: Section, state: int) -> _Sound:
    rules, energy = plan.style.rules, section.energy

    def chance(rule: str, decision: str) -> bool:
        return _stream(plan, section, f"{decision} {section.kind} {energy}").below(100) < rules[rule]

    drums = load_drums(plan.style.models) if state != PLAIN else None
    model_lead = leading(drums, state) if drums else CLOSED
    pulse = 2
    lead = {CLOSED: "hat", RIDE_CYMBAL: "ride", FLOOR: "floor"}[model_lead]
    if model_lead == CLOSED and energy >= 4 and chance("drums.loose", "loose"):
        lead = "open"
    elif model_lead == RIDE_CYMBAL and energy == 5 and chance("drums.crash_ride", "crash ride"):
        lead, pulse = "crash", _stream(plan, section, "crash pulse").pick((4, 2), (2, 1))
    if drums and lead == "hat" and plan.tempo <= 112 and int(drums.feature("cymbal_offbeat")[state]) >= 100:
        pulse = 1
    elif lead in ("hat", "ride", "open") and _stream(plan, section, f"pulse {energy}").below(100) < _slow(plan, energy):
        pulse = 4
    if plan.meter.beat == 6:
        pulse = 2
    opened = rules["drums.open"] if lead == "hat" and energy >= 2 else 0
    manner = Manner(model_lead, pulse, rules["drums.steady"], rules["drums.ghost"], opened)
    quiet = energy == 1 or (energy == 2 and chance("drums.stick", "stick"))
    return _Sound(manner, lead, "stick" if quiet else "snare")


def _slow(plan: Plan, energy: int) -> int:
    """Percent of sections whose cymbal moves in quarters: the fast, and the bare."""
    return 10 if plan.tempo >= 150 or energy == 1 else 4


def _hands(plan: Plan, section: Section, groove: BarGroove, first: int, sound: _Sound) -> list[Hit]:
    if groove.state == PLAIN:
        pulse = range(0, plan.meter.slots, sound.manner.pulse)
        return [(slot, sound.lead, NORMAL if plan.meter.weight(slot) >= 2 else SOFT) for slot in pulse]
    kick, snare, state = groove.kick, groove.snare, groove.state
    if groove.fill >= 0:
        # Up to the fill the hands play what they play in the bar that the fill replaces.
        kept = mask(range(first))
        plain = next(
            (
                g
                for g in section.groove
                if g.fill < 0 and not (g.kick ^ kick | g.snare ^ snare) & kept and g.state < BUILD
            ),
            None,
        )
        if plain:
            kick, snare, state = plain.kick, plain.snare, plain.state
            sound = _sound(plan, section, state)
        else:
            kick, snare = kick & kept, snare & kept
    drums = load_drums(plan.style.models)
    label = f"hands {state} {kick} {snare} {sound.manner.lead} {sound.manner.pulse} {sound.manner.open}"
    own = section.name if _retaken(plan, section) else ""
    symbols = plan.once(
        (label, own), lambda: draw_hands(drums, state, kick, snare, sound.manner, _stream(plan, section, label))
    )
    hits = []
    for slot, symbol in enumerate(symbols):
        cymbal, _, extra = HANDS[symbol].tolist()
        if cymbal != NO_CYMBAL or extra == FLOOR:
            name = "open" if cymbal == OPEN_HAT else sound.lead
            loud = ACCENT if name in ("crash", "open") and slot % 4 == 0 else NORMAL
            hits.append((slot, name, loud if slot % 4 == 0 else SOFT))
        if extra == GHOST:
            hits.append((slot, "snare", FAINT))
    return hits


def _fill(plan: Plan, section: Section, number: int, groove: BarGroove) -> list[Hit]:
    strokes = [slot for slot in slots_of(groove.snare) if slot >= groove.fill]
    if groove.state == PLAIN:
        voices = [0] * len(strokes)
    else:
        drums = load_drums(plan.style.models)
        voices = draw_voices(drums, strokes, plan.own(section, PART, f"voices {number}"))
    late = plan.meter.slots - plan.meter.beat
    return [
        (s, _VOICES[v], ACCENT if s >= late or s % 4 == 0 else NORMAL) for s, v in zip(strokes, voices, strict=True)
    ]


def _gather(plan: Plan, section: Section, number: int, groove: BarGroove) -> list[Hit]:
    """Return a build-up: strokes that grow from faint to loud over all the bars that gather."""
    gathering = [i for i, g in enumerate(section.groove) if g.state == BUILD]
    name = plan.own(section, PART, "gather").pick(("snare", "floor"), (3, 1))
    size = len(gathering) * plan.meter.slots
    offset = gathering.index(number) * plan.meter.slots
    hits = [(slot, name, min(4 * (offset + slot) // size, ACCENT)) for slot in slots_of(groove.snare)]
    hits += [(slot, "kick", NORMAL) for slot in slots_of(groove.kick)]
    return hits + ([(0, "crash", ACCENT)] if groove.crash else [])


def _retaken(plan: Plan, section: Section) -> bool:
    return any(plan.takes.get(f"{place}/{PART}", 0) for place in (section.material, section.name))


def _stream(plan: Plan, section: Section, decision: str) -> Stream:
    """Return the stream of a decision that equal bars of the whole song share, or of a new take's own."""
    return plan.shared(section, PART, decision) if _retaken(plan, section) else plan.song(PART, decision)
