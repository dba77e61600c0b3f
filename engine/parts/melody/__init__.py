"""The lead vocal: lines sung over the section's chords, with the repetitions its phrase plan asks for.

Sections of one material sing one melody. Where it comes again it has other words: some of its lines are
sung a little differently, drawn near what they were; those of the verse more often than the chorus's.

The hook, the chorus's first line, comes before all else: it is the best of many candidates. Then sections are
sung in order, each knowing what is sung around it, so that no melody follows a known one for too long, not
even across their borders.
"""

from __future__ import annotations

from dataclasses import replace
from functools import partial

from engine.models.novelty import ORDER
from engine.parts.melody.candidates import Candidate, candidates
from engine.parts.melody.lines import AGAIN, LIKE, Sung
from engine.parts.melody.singer import Around, Singer
from engine.plan.hook import HookLine
from engine.plan.plan import Plan
from engine.song import Note, Phrase, Section
from engine.theory.meter import SLOT


def play(plan: Plan, section: Section) -> tuple[Note, ...]:
    """Return the section's vocal line, in ticks from the section's start (a pick-up starts below 0)."""
    origin = _origin(plan, section)
    if origin.name != section.name and plan.takes.get(f"{origin.name}/melody", 0):
        # Another take of one section leaves the others what they were.
        plan = plan.once(("melody without take", origin.name), partial(_without_take, plan, origin))
    first = plan.once(("melody", origin.name), partial(_first, plan, origin))
    if origin.name == section.name or not first.lines:
        return tuple(first.notes)
    return tuple(plan.once(("melody", section.name, "again"), partial(_later, plan, section, first.lines)).notes)


def knows(plan: Plan, first: Plan) -> None:
    """Let a plan take what other sections sing in their first take from a plan of that take: only to save time."""
    plan.once(("melody without takes",), lambda: first)


def hook(plan: Plan, number: int | None = None) -> HookLine | None:
    """Return the song's hook: the best of its candidates, or that of a number; None where nobody sings.

    number: from 1.
    """
    section = hook_section(plan)
    if section is None:
        return None
    if number is None:
        best = hooks(plan, section, plan.style.rules["melody.hooks"])[0]
    else:
        best = next(line for line in hooks(plan, section, number) if line.number == number)
    singer = Singer(plan, section, around(plan, section))
    phrases = sung_phrases(section)
    _take(singer, phrases[0], best, room_of(plan, section, phrases, 0))
    lengths = tuple(note.length // SLOT for note in singer.notes)
    return HookLine(section.name, best.onsets, lengths, best.pitches, best.number)


def hooks(plan: Plan, section: Section, n: int) -> tuple[Candidate, ...]:
    """Return ``n`` candidates for the first line sung in a section, the best first."""
    phrases = sung_phrases(section)
    if not phrases:
        return ()
    singer = Singer(plan, section, around(plan, section))
    return tuple(candidates(plan, section, singer, phrases[0], len(phrases) == 1, n))


def sung_phrases(section: Section) -> list[Phrase]:
    """Return the phrases of a section in which the voice sings."""
    return [phrase for phrase in section.phrases if phrase.sung[1] > phrase.sung[0]]


def _first(plan: Plan, section: Section) -> Singer:
    singer = Singer(plan, section, around(plan, section), _known(plan, section))
    models: dict[str, Sung] = {}
    phrases = sung_phrases(section)
    for number, phrase in enumerate(phrases):
        room = room_of(plan, section, phrases, number)
        if like := singer.like(phrase):
            stream = plan.shared(section, "melody", f"line/{number}")
            singer.sing(phrase, like, LIKE, room, number + 1 == len(phrases), stream)
        elif number == 0 and section.kind == _hook_kind(plan):
            _take(singer, phrase, _hook_of(plan, section), room)
        else:
            stream = plan.shared(section, "melody", f"line/{number}")
            change = phrase.change if phrase.label in models else ""
            singer.sing(phrase, models.get(phrase.label), change, room, number + 1 == len(phrases), stream)
        models.setdefault(phrase.label, singer.lines[phrase.start])
    return singer


def _later(plan: Plan, section: Section, before: dict[int, Sung]) -> Singer:
    """Sing a melody that comes again: the second time with other words, then with lines of both times."""
    singer = Singer(plan, section, around(plan, section))
    phrases = sung_phrases(section)
    percent = plan.style.rules["melody.chorus-again" if section.kind == "chorus" else "melody.verse-again"]
    second = _second(plan, section)
    others = before
    if second.name != section.name:
        known = plan
        if plan.takes.get(f"{second.name}/melody", 0):
            known = plan.once(("melody without take", second.name), partial(_without_take, plan, second))
        others = known.once(("melody", second.name, "again"), partial(_later, known, second, before)).lines
    for number, phrase in enumerate(phrases):
        # A line that the first time had no room (at the very start or end of the song) is new here.
        model = before.get(phrase.start)
        stream = plan.own(section, "melody", f"line/{number}")
        # The hook, a chorus's first line, returns as it was.
        other = stream.at("again").below(100) < percent and not (section.kind == "chorus" and number == 0)
        room, last = room_of(plan, section, phrases, number), number + 1 == len(phrases)
        if second.name == section.name:
            singer.sing(phrase, model, AGAIN if other else "", room, last, stream)
        else:
            singer.sing(phrase, others.get(phrase.start, model) if other else model, "", room, last, stream)
    return singer


def _second(plan: Plan, section: Section) -> Section:
    """Return the section in which this one's melody comes for the second time."""
    what = (section.material, section.kind)
    return [other for other in plan.sections if (other.material, other.kind) == what][1]


def _take(singer: Singer, phrase: Phrase, line: Candidate | HookLine, room: int) -> None:
    singer.take(phrase, line.onsets, [pitch - singer.bottom for pitch in line.pitches], room)


def _hook_of(plan: Plan, section: Section) -> Candidate | HookLine:
    if plan.hook and plan.hook.section == section.name:
        return plan.hook
    return hooks(plan, section, plan.style.rules["melody.hooks"])[0]


def _origin(plan: Plan, section: Section) -> Section:
    """Return the section in which a section's melody is sung first; its own where it has its own take."""
    if plan.takes.get(f"{section.name}/melody", 0):
        return section
    what = (section.material, section.kind)
    return next((other for other in plan.sections if (other.material, other.kind) == what), section)


def _without_take(plan: Plan, section: Section) -> Plan:
    takes = {place: number for place, number in plan.takes.items() if place != f"{section.name}/melody"}
    return replace(plan, takes=takes, hook=None, _memo={})


def _without_takes(plan: Plan) -> Plan:
    takes = {place: number for place, number in plan.takes.items() if place in ("song/melody",)}
    return replace(plan, takes=takes, hook=None, _memo={})


def _sung_sections(plan: Plan) -> list[Section]:
    return [section for section in plan.sections if "melody" in section.players and sung_phrases(section)]


def hook_section(plan: Plan) -> Section | None:
    """Return the first chorus, or what is sung first where there is none."""
    sung = _sung_sections(plan)
    return next((section for section in sung if section.kind == "chorus"), sung[0] if sung else None)


def _hook_kind(plan: Plan) -> str:
    section = plan.once(("hook section",), partial(hook_section, plan))
    return section.kind if section else ""


def around(plan: Plan, section: Section) -> Around:
    """Return what has been sung around a section: all before it, and the hook's section if that comes next."""
    sung = _sung_sections(plan)
    lead = hook_section(plan)
    if lead is None or section.name == lead.name:
        return Around()
    before: list[tuple[int, int]] = []
    for other in reversed([other for other in sung if other.start_bar + other.bars <= section.start_bar]):
        before = [*_heard(plan, other, section), *before]
        if len(before) >= ORDER:
            break
    following = next((other for other in sung if other.start_bar >= section.start_bar + section.bars), None)
    after = _heard(plan, lead, section)[:ORDER] if following and following.name == lead.name else []
    return Around(tuple(before[-ORDER:]), tuple(after))


def _known(plan: Plan, section: Section) -> tuple[Singer, ...]:
    """Return the other melodies that this one remembers: the hook's, and all that are sung before it.

    They are remembered as in their first take, so that another take of one section leaves the others what they were.
    """
    if any(place.endswith("/melody") and number and place != "song/melody" for place, number in plan.takes.items()):
        plan = plan.once(("melody without takes",), partial(_without_takes, plan))
    lead = hook_section(plan)
    if lead is None or _melody_of(section) == _melody_of(lead):
        return ()
    earlier = [lead, *(other for other in _sung_sections(plan) if other.start_bar < section.start_bar)]
    origins = {_melody_of(other): _origin(plan, other) for other in earlier}
    origins.pop(_melody_of(section), None)
    return tuple(plan.once(("melody", one.name), partial(_first, plan, one)) for one in origins.values())


def _melody_of(section: Section) -> tuple[str, str]:
    return (section.material, section.kind)


def _heard(plan: Plan, other: Section, section: Section) -> list[tuple[int, int]]:
    shift = (other.start_bar - section.start_bar) * plan.meter.slots
    up = other.shift - section.shift
    notes = plan.sung[other.name] if other.name in plan.sung else play(plan, other)
    return [(note.start // SLOT + shift, note.pitch + up) for note in notes]


def room_of(plan: Plan, section: Section, phrases: list[Phrase], number: int) -> int:
    """Return the slot at which the voice must be silent after one of a section's phrases."""
    if number + 1 < len(phrases):
        return phrases[number + 1].sung[0]
    # The section's last beat is left to the pick-up of the next.
    return section.bars * plan.meter.slots - plan.meter.beat
