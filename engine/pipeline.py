"""From a request to a song: the order of stages, and nothing else."""

from __future__ import annotations

from collections.abc import Mapping
from contextlib import AbstractContextManager
from dataclasses import replace
from typing import Any

from engine import style as styles
from engine.chain.temperature import PLAIN, heated
from engine.garbage import uncollected
from engine.grammar.tree import Node
from engine.parts import PLAYERS
from engine.parts.melody import hook, hook_section, hooks
from engine.parts.melody.candidates import Candidate
from engine.plan.ending import ending_bar, silences
from engine.plan.form import plan_form
from engine.plan.groove import add_groove
from engine.plan.harmony import add_chords, chord_trees
from engine.plan.hook import HookLine
from engine.plan.phrases import add_phrases
from engine.plan.plan import Plan
from engine.plan.setting import draw_key, draw_tempo
from engine.plan.voices import voiced
from engine.song import Note, Part, Request, Section, Song
from engine.stream import Stream
from engine.style import Style
from engine.style.steer import steered
from engine.theory.key import Key
from engine.version import __version__


def compose(request: Request, style: Style | None = None) -> Song:
    """Return the song that a request and a style (by default the one it names) determine.

    Raises EngineError: UsageError for what cannot be asked, StyleError, GrammarError or ModelError for
    files at fault, RuleConflict where rules cannot hold together.
    """
    with uncollected():
        plan, form, trees = planned(request, style or styles.load(request.style))
        parts = tuple(_part(plan, name) for name in PLAYERS if name in plan.style.parts)
    return Song(
        version=__version__,
        request=request,
        style_hash=plan.style.hash,
        key=replace(plan.key, steps=()),
        tempo=plan.tempo,
        meter=plan.meter,
        sections=tuple(map(as_heard, plan.sections)),
        parts=parts,
        feel=plan.style.feel,
        tree=form,
        harmony=trees,
    )


def candidates(request: Request, count: int, style: Style | None = None) -> tuple[Candidate, ...]:
    """Return ``count`` candidates for the hook of the song that ``compose`` makes of a request, the best first.

    Raises as ``compose`` does.
    """
    plan, _, _ = planned(request, style or styles.load(request.style))
    section = hook_section(plan)
    with heated_as(plan.style, "melody"):
        return hooks(plan, section, count) if section else ()


def plan_of(song: Song, takes: Mapping[str, int]) -> Plan:
    """Return the plan of a song as it stands, for parts to be played over again; it has no hook yet."""
    style = steered(styles.load(song.request.style), song.request.steering)
    return Plan(
        style=_with_room(style, max(section.shift for section in song.sections)),
        seed=song.request.seed,
        key=_in_scale(style, song.key),
        tempo=song.tempo,
        meter=song.meter,
        sections=tuple(map(as_written, song.sections)),
        takes=takes,
        bridge_melody=any(s.kind == "bridge" and "melody" in s.players for s in song.sections),
        loop=song.request.loop_bars is not None,
    )


def _in_scale(style: Style, key: Key) -> Key:
    """Return a key with the scale that a style plays in its mode, where it has one of its own; songs do not tell it."""
    return replace(key, steps=style.scales.get(key.mode, ()))


def hook_of(plan: Plan, number: int | None) -> HookLine | None:
    """Return the hook of a planned song, or None where nobody sings; number: of a candidate, from 1."""
    with heated_as(plan.style, "melody"):
        return hook(plan, number)


def planned(request: Request, style: Style) -> tuple[Plan, Node, tuple[tuple[str, Node], ...]]:
    """Return the plan of a song with the derivations of its form and its chords; raises as ``compose`` does."""
    style = steered(style, request.steering)
    root = Stream.of(request.seed).at("song")
    key = request.key or draw_key(style, root.at("key"))
    key = _in_scale(style, key)
    tempo = request.tempo or draw_tempo(style, root.at("tempo"))
    form = plan_form(style, request, tempo)
    style = _with_room(style, max(section.shift for section in form.sections))
    plan = Plan(
        style=style,
        seed=request.seed,
        key=key,
        tempo=form.tempo,
        meter=style.meter,
        sections=form.sections,
        takes=dict(request.takes),
        bridge_melody=request.bridge_melody,
        loop=request.loop_bars is not None,
    )
    given = dict(request.chords)
    trees = chord_trees(plan, given)
    plan = add_phrases(add_chords(plan, given))
    with heated_as(style, "drums"):
        plan = add_groove(plan)
    if "melody" in style.parts:
        sung = hook_of(plan, request.hook)
        first = without_voices(plan.takes)
        theme = hook_of(replace(plan, takes=first, _memo={}), request.hook) if len(first) < len(plan.takes) else sung
        plan = replace(plan, hook=sung, theme=theme or sung)
        if voiced(plan):
            plan = replace(plan, heard=_heard(plan))
    return plan, form.tree, trees


def _heard(plan: Plan) -> dict[str, tuple[Note, ...]]:
    """Return what is sung in each section, as the plan's key has it."""
    with heated_as(plan.style, "melody"):
        return {s.name: PLAYERS["melody"](plan, s) for s in plan.sections if "melody" in s.players}


def without_voices(takes: Mapping[str, int]) -> dict[str, int]:
    """Return take numbers but those of the voice, at whose first take the hook is quoted."""
    return {place: take for place, take in takes.items() if not (take and place.endswith("/melody"))}


def heated_as(style: Style, part: str) -> AbstractContextManager[None]:
    """Return the part's temperature as a context: what is drawn in it is drawn so hot."""
    return heated(dict(style.steering.temperature).get(part, PLAIN))


def _with_room(style: Style, shift: int) -> Style:
    """Return the style for a song that goes up by so many semitones: everybody keeps below what they can reach.

    All parts write in the song's key, so that a section that goes up is the very section; it is moved here.
    """
    if not shift:
        return style
    parts = {
        name: part if name == "drums" else replace(part, high=part.high - shift) for name, part in style.parts.items()
    }
    return replace(style, parts=parts)


def as_written(section: Section) -> Section:
    """Return a section of a song as plans have it: its chords in the song's key."""
    if not section.shift:
        return section
    return replace(
        section, chords=tuple(span._replace(chord=span.chord.transpose(-section.shift)) for span in section.chords)
    )


def as_heard(section: Section) -> Section:
    """Return a section of the plan as it sounds: in its own key."""
    if not section.shift:
        return section
    return replace(
        section, chords=tuple(span._replace(chord=span.chord.transpose(section.shift)) for span in section.chords)
    )


def play_section(plan: Plan, section: Section, name: str) -> tuple[Note, ...]:
    """Return a player's notes of a section as they sound, in ticks from its start."""
    up = section.shift if name != "drums" else 0
    with heated_as(plan.style, name):
        notes = PLAYERS[name](plan, section)
    if (quiet := silences(plan, section).get(name)) is not None:
        until = ending_bar(plan, section)
        notes = tuple(note for note in notes if not quiet <= note.start // plan.meter.bar < until)
    return tuple(note._replace(pitch=note.pitch + up) for note in notes) if up else notes


def _part(plan: Plan, name: str) -> Part:
    """Return a player's notes of the whole song, with the sound the style gives them."""
    # Plain tuples until they are in order: they sort faster.
    found: list[tuple[Any, ...]] = []
    for section in plan.sections:
        if name in section.players:
            first = section.start_bar * plan.meter.bar
            found += [(start + first, *rest) for start, *rest in play_section(plan, section, name)]
    found.sort()
    sound = plan.style.parts[name]
    return Part(name, tuple(map(Note._make, found)), sound.track, sound.program, sound.volume, sound.pan)
