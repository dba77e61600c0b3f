"""The drummer: kick and snare as the groove says, and what the hands add."""

from __future__ import annotations

from functools import partial
from typing import NamedTuple

from engine.models.drums import (
    CLOSED,
    EXTRAS,
    FLOOR,
    GHOST,
    HANDS,
    NO_CYMBAL,
    OPEN_HAT,
    RIDE_CYMBAL,
    Drums,
    load_drums,
)
from engine.models.strokes import PEDALS, PERIODS
from engine.parts.hands import Manner, context_of, draw_voices, hands_of, leading
from engine.plan.accents import Beat, slots_of
from engine.plan.ending import ending_length
from engine.plan.figures import beats, home, traits
from engine.plan.groove import BUILD, ENDING, PLAIN
from engine.plan.metres import figure_of
from engine.plan.plan import Plan
from engine.plan.reading import bar_weights
from engine.song import ACCENT, NORMAL, SOFT, BarGroove, Note, Section
from engine.song import GHOST as FAINT
from engine.stream import Stream
from engine.theory.gm import KIT
from engine.theory.meter import SLOT

PART = "drums"

_CODES: list[list[int]] = HANDS.tolist()

Hit = tuple[int, str, int]  # slot, name in KIT, stress

_note = partial(tuple.__new__, Note)  # half the time of a call of Note
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
    known: dict[tuple[int, BarGroove], list[Hit]] = {}
    size = len(beats(plan, section)) if plan.meter.slots == 16 else 1
    for number, groove in enumerate(section.groove):
        start = number * plan.meter.bar
        if groove.state == ENDING:
            hits = [(0, name, ACCENT) for name in ("kick", "crash", "crash2" if section.energy >= 4 else "snare")]
            length = ending_length(plan)
        else:
            # Equal bars sound alike, but for fills and build-ups, which know where they stand.
            where = number % size if groove.fill < 0 else number + size
            if (where, groove) not in known:
                known[where, groove] = _bar(plan, section, number, groove)
            hits, length = known[where, groove], _STROKE
        notes += [_note((start + slot * SLOT, length, KIT[name], stress, "")) for slot, name, stress in hits]
    notes.sort()
    return tuple(notes)


def _bar(plan: Plan, section: Section, number: int, groove: BarGroove) -> list[Hit]:
    if groove.state == BUILD:
        return _gather(plan, section, number, groove)
    sound = _sound(plan, section)
    first = plan.meter.slots if groove.fill < 0 else groove.fill
    hits = _kicks(plan, section, groove)
    hits += [
        (slot, sound.snare, ACCENT if section.energy >= 3 or sound.snare == "stick" else NORMAL)
        for slot in slots_of(groove.snare)
        if slot < first
    ]
    hands = _hands(plan, section, number, sound)
    hits += [hit for hit in hands if hit[0] < first and not (groove.crash and hit[0] == 0)]
    if groove.fill >= 0:
        hits += _fill(plan, section, number, groove)
    if groove.crash and not (groove.snare & 1 and groove.fill == 0):
        hits.append((0, "crash", ACCENT))
    return hits


def _kicks(plan: Plan, section: Section, groove: BarGroove) -> list[Hit]:
    strong = ACCENT if section.energy >= 3 else NORMAL
    metres = bar_weights(plan.meter)
    return [(slot, "kick", strong if metres[slot] >= 2 else NORMAL) for slot in slots_of(groove.kick)]


def _sound(plan: Plan, section: Section) -> _Sound:
    return plan.once(("drum sound", section.name), lambda: _choose_sound(plan, section))


def _choose_sound(plan: Plan, section: Section) -> _Sound:
    rules, energy = plan.style.rules, section.energy

    def chance(rule: str, decision: str) -> bool:
        return _stream(plan, section, f"{decision} {section.kind} {energy}").below(100) < rules[rule]

    quiet = energy == 1 or (energy == 2 and chance("drums.stick", "stick"))
    snare = "stick" if quiet else "snare"
    if plan.meter.slots != 16:
        ride = energy >= 4 and chance("drums.loose", "ride")
        return _Sound(Manner(CLOSED, 2, 100, 0, 0), "ride" if ride else "hat", snare)
    model_lead = leading(load_drums(plan.style.models), beats(plan, section)[0].state)
    pulse = _pulse(plan, energy)
    lead = {CLOSED: "hat", RIDE_CYMBAL: "ride", FLOOR: "floor"}[model_lead]
    if model_lead == CLOSED and energy >= 4 and chance("drums.loose", "loose"):
        lead = "open"
    elif model_lead == RIDE_CYMBAL and energy == 5 and chance("drums.crash_ride", "crash ride"):
        lead, pulse = "crash", _stream(plan, section, "crash pulse").pick((4, 2), (2, 1))
    opened = rules["drums.open"] if lead == "hat" and energy >= 2 else 0
    return _Sound(Manner(model_lead, pulse, rules["drums.steady"], rules["drums.ghost"], opened), lead, snare)


def _pulse(plan: Plan, energy: int) -> int:
    """Return the slots between strokes of the leading cymbal: the song's own, coarser at speed and where it is bare."""
    pulse = (4, 2, 1)[traits(plan).dense]
    return 2 if pulse == 1 and (energy == 1 or plan.eighths) else pulse


def _hands(plan: Plan, section: Section, number: int, sound: _Sound) -> list[Hit]:
    groove = section.groove[number]
    if groove.state == PLAIN:
        strokes = figure_of(plan, section).cymbal
        return [(slot, sound.lead, NORMAL if plan.meter.weight(slot) >= 2 else SOFT) for slot in strokes]
    foot = PEDALS[traits(plan).pedal] if sound.lead in ("ride", "crash", "floor") else ()
    bars = plan.once(("hands", section.name), lambda: _played(plan, section, sound.manner))
    hits = [(slot, "pedal", SOFT if slot % 4 else NORMAL) for slot in foot]
    for slot, symbol in enumerate(bars[number % len(bars)]):
        cymbal, _, extra = _CODES[symbol]
        if cymbal != NO_CYMBAL or extra == FLOOR:
            name = "open" if cymbal == OPEN_HAT else sound.lead
            loud = ACCENT if name in ("crash", "open") and slot % 4 == 0 else NORMAL
            hits.append((slot, name, loud if slot % 4 == 0 else SOFT))
        if extra == GHOST:
            hits.append((slot, "snare", FAINT))
    return hits


def _played(plan: Plan, section: Section, manner: Manner) -> tuple[tuple[int, ...], ...]:
    label = f"hands {beats(plan, section)} {manner}"
    own = section.name if _retaken(plan, section) else ""
    return plan.once((label, own), lambda: _round(plan, section, manner, label))


def _round(plan: Plan, section: Section, manner: Manner, label: str) -> tuple[tuple[int, ...], ...]:
    """Return the hand symbols (codes of HANDS) of the bars that a section's groove goes round.

    They answer what the hands play at home, in the song's own manner, as far as this song keeps to anything.
    """
    drums = load_drums(plan.style.models)
    played = plan.once(("hands at home",), lambda: _home(plan))
    line = _moved(drums, played, manner.lead) if manner.pulse == _pulse(plan, 3) else []
    known = len(line)
    for number, beat in enumerate(beats(plan, section)):
        stream = _stream(plan, section, label).at(number)
        line += _draw(plan, drums, beat, manner, line, stream)
    symbols = drums.symbols[line[known:]].reshape(-1, 16)
    return tuple(map(tuple, symbols.tolist()))


def _home(plan: Plan) -> list[int]:
    """Return the hand events of the bars after which the song's groove comes again, on a closed hat."""
    drums, line, song, rules = load_drums(plan.style.models), list[int](), traits(plan), plan.style.rules
    manner = Manner(CLOSED, _pulse(plan, 3), rules["drums.steady"], rules["drums.ghost"], rules["drums.open"])
    for number, beat in enumerate(home(plan)[: PERIODS[song.period]]):
        line += _draw(plan, drums, beat, manner, line, plan.song(PART, "home").at(number))
    return line


def _draw(plan: Plan, drums: Drums, beat: Beat, manner: Manner, line: list[int], stream: Stream) -> list[int]:
    context = context_of(traits(plan), beat, manner, line, not plan.eighths)
    return plan.once(("hands", context), lambda: hands_of(drums, context)).draw(stream)


def _moved(drums: Drums, line: list[int], lead: int) -> list[int]:
    """Return hand events with another cymbal (or the floor tom) in the place of the closed hat."""
    codes = drums.symbols.tolist()
    found = []
    for event in line:
        cymbal, crash, extra = _CODES[codes[event]]
        if cymbal in (CLOSED, OPEN_HAT) and lead != CLOSED:
            cymbal, extra = (NO_CYMBAL, FLOOR) if lead == FLOOR else (lead, extra)
        code = (cymbal * 2 + crash) * EXTRAS + extra
        found.append(codes.index(code) if code in codes else event)
    return found


def _fill(plan: Plan, section: Section, number: int, groove: BarGroove) -> list[Hit]:
    strokes = [slot for slot in slots_of(groove.snare) if slot >= groove.fill]
    # Quarters of the bar, from the snare down to the floor tom, are what a fill goes through in any metre.
    quarters = [slot * 16 // plan.meter.slots for slot in strokes]
    voices = draw_voices(load_drums(plan.style.models), quarters, plan.own(section, PART, f"voices {number}"))
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
