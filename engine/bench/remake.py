"""Making some places of a song again, and what follows from them, while all else stays as the file has it.

The file is the plan: parts are played over its own sections, so that a song made by an older version changes only
where it is asked to.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from dataclasses import replace
from functools import lru_cache

from engine import pipeline
from engine.document import Cell, Cells, Document, cells, with_notes
from engine.parts.melody import hook_section, knows, sung_phrases
from engine.parts.melody.wished import wished
from engine.plan.groove import add_groove
from engine.plan.harmony import add_chords, chord_trees
from engine.plan.hook import HookLine
from engine.plan.phrases import add_phrases
from engine.plan.plan import Plan
from engine.plan.voices import VOICES, voiced
from engine.plan.wishes import Wishes
from engine.song import Note, Section, Song
from engine.style import load
from engine.style.model import PartStyle
from engine.style.steer import steered
from engine.theory.meter import SLOT

# What reads a layer, and so follows it where it is not locked.
READERS: Mapping[str, tuple[str, ...]] = {
    "chords": ("phrases", "melody", "lead", "rhythm", "bass"),
    "phrases": ("melody", "lead", "rhythm"),
    "groove": ("lead", "rhythm", "bass", "drums"),
}
# A locked part holds the layer that is made for it.
HELD_BY = {"phrases": "melody", "groove": "drums"}
PLAN = tuple(READERS)  # in the order in which they are made


def free_layers(document: Document, section: Section, layers: Iterable[str]) -> frozenset[str]:
    """Return what of a section may change when these layers and parts are to: they, what reads them, nothing locked."""
    free: set[str] = set()
    waiting = list(layers)
    while waiting:
        layer = waiting.pop()
        if layer in free or document.locked(section, layer):
            continue
        if layer in HELD_BY and document.locked(section, HELD_BY[layer]):
            continue
        free.add(layer)
        waiting += READERS.get(layer, ())
    return frozenset(free)


def remade(
    document: Document,
    takes: Mapping[str, int],
    wanted: Mapping[str, Collection[str]],
    notes: Cells | None = None,
    drop_given: Collection[str] = (),
    given: Mapping[str, str] | None = None,
    wishes: Wishes | None = None,
) -> Document:
    """Return the document with layers and parts of sections made again at these takes, by the section's name.

    notes: of the song, if they are not those it has. drop_given: kinds of sections whose given chords count no more.
    given: chords by kind of section. wishes: what the voice is to sing. Raises UsageError where those collide.
    """
    song = document.song
    # Where the form stays, parts that are not named stay the very objects.
    moving = frozenset(layer for layers in wanted.values() for layer in layers)
    kept = dict(cells(song, {"melody", *moving}) if notes is None else notes)
    for layer in PLAN:
        names = {name for name, layers in wanted.items() if layer in layers}
        if names:
            song = _replanned(song, takes, layer, names, _given(song, drop_given) | dict(given or {}))
    for part in song.parts:
        sections = [s for s in song.sections if part.name in wanted.get(s.name, ())]
        if not sections:
            continue
        plan = None
        for section in sections:
            kept.pop((section.name, part.name), None)
        if wishes and part.name == "melody":
            plan = plan_for(song, takes, part.name, as_sung(song, kept), sections, wishes)
            song = _with_lines(song, plan)
            sections = [s for s in song.sections if part.name in wanted.get(s.name, ())]
        for section in sections:
            if part.name in section.players:
                plan = plan or plan_for(song, takes, part.name, as_sung(song, kept), sections)
                if played := pipeline.play_section(plan, pipeline.as_written(section), part.name):
                    kept[section.name, part.name] = played
    pairs = tuple((place, number) for place, number in takes.items() if number)
    return replace(document, song=with_notes(song, kept, moving if notes is None else None), takes=pairs, text="")


def _with_lines(song: Song, plan: Plan) -> Song:
    """Return a song whose lines begin and end where its plan has them."""
    phrases = {section.name: section.phrases for section in plan.sections}
    return replace(song, sections=tuple(replace(s, phrases=phrases[s.name]) for s in song.sections))


def as_sung(song: Song, notes: Cells) -> dict[str, tuple[Note, ...]]:
    """Return what the voice sings in each section, in the song's key."""
    return {
        section.name: tuple(note._replace(pitch=note.pitch - section.shift) for note in row) if section.shift else row
        for section in song.sections
        if (row := notes.get((section.name, "melody"), ()))
    }


def plan_for(
    song: Song,
    takes: Mapping[str, int],
    part: str,
    sung: Mapping[str, tuple[Note, ...]],
    again: Collection[Section],
    wishes: Wishes | None = None,
) -> Plan:
    """Return the plan over which a part plays sections of a song again.

    sung: what the voice sings, by section: a melody is sung around it, and the lead quotes its hook. wishes: what the
    voice is to sing in these sections. Raises UsageError where those collide.
    """
    shape = replace(song, parts=(), tree=None, harmony=(), edits=(), version="")
    plan = _plan(shape, _pairs(takes))
    if part in VOICES and voiced(plan):
        return replace(plan, heard=sung, _memo={})
    if part == "lead":
        return replace(plan, theme=hook_line(plan, sung), _memo={})
    if part != "melody":
        return plan
    names = {section.name for section in again}
    around = {name: row for name, row in sung.items() if name not in names}
    others = {place: take for place, take in takes.items() if place.endswith("/melody")}
    plan = replace(plan, sung=around, hook=_hook(shape, _pairs(_of_hook(plan, others))), _memo={})
    for section in again:
        if wishes and part in section.players:
            plan = wished(plan, section.name, wishes)
    if any(place != "song/melody" for place in others):
        first = {place: take for place, take in others.items() if place == "song/melody"}
        knows(plan, _plan(shape, _pairs(first)))
    return plan


def hook_line(plan: Plan, sung: Mapping[str, tuple[Note, ...]]) -> HookLine | None:
    """Return the hook as it is sung: the first line of the first chorus (or of the song); None where there is none."""
    section = hook_section(plan)
    if section is None:
        return None
    first, last = sung_phrases(section)[0].sung
    line = [note for note in sung.get(section.name, ()) if first <= note.start // SLOT < last]
    if not line:
        return None
    onsets, lengths = tuple(note.start // SLOT for note in line), tuple(note.length // SLOT for note in line)
    return HookLine(section.name, onsets, lengths, tuple(note.pitch for note in line), 1)


def _pairs(takes: Mapping[str, int]) -> tuple[tuple[str, int], ...]:
    return tuple(sorted((place, take) for place, take in takes.items() if take))


@lru_cache(maxsize=8)
def _plan(song: Song, takes: tuple[tuple[str, int], ...]) -> Plan:
    return pipeline.plan_of(song, dict(takes))


@lru_cache(maxsize=16)
def _hook(song: Song, takes: tuple[tuple[str, int], ...]) -> HookLine | None:
    """Return the hook of a song as it stands, at these takes of the voice."""
    return pipeline.hook_of(pipeline.plan_of(song, dict(takes)), song.request.hook)


def _of_hook(plan: Plan, takes: Mapping[str, int]) -> dict[str, int]:
    """Return the take numbers of the voice on which the hook depends."""
    section = hook_section(plan)
    heads = {"song", section.material, section.name} if section else {"song"}
    return {place: take for place, take in takes.items() if place.rpartition("/")[0] in heads}


def reach_of(song: Song, part: str) -> PartStyle:
    """Return the sound and the reach of a part of a song."""
    return steered(load(song.request.style), song.request.steering).parts[part]


def _given(song: Song, drop: Collection[str]) -> dict[str, str]:
    """Return the chords that were asked for with the song, by kinds of sections that it still has."""
    kinds = {section.kind for section in song.sections}
    return {kind: text for kind, text in song.request.chords if kind not in drop and kind in kinds}


def _replanned(
    song: Song, takes: Mapping[str, int], layer: str, names: Collection[str], given: Mapping[str, str]
) -> Song:
    """Return the song with a layer of these sections planned anew."""
    plan = pipeline.plan_of(song, takes)
    trees = song.harmony
    if layer == "chords":
        known = dict(chord_trees(plan, given))
        plan = add_chords(plan, given)
        touched = {section.material for section in song.sections if section.name in names}
        trees = tuple((name, known.get(name, tree) if name in touched else tree) for name, tree in trees)
        told = {name for name, _ in trees}
        trees += tuple((name, tree) for name, tree in known.items() if name in touched - told)
    elif layer == "phrases":
        plan = add_phrases(plan)
    else:
        with pipeline.heated_as(plan.style, "drums"):
            plan = add_groove(plan)
    new = {section.name: pipeline.as_heard(section) for section in plan.sections}
    sections = tuple(new[s.name] if s.name in names else s for s in song.sections)
    return replace(song, sections=sections, harmony=trees)


def own_material(song: Song, name: str) -> Song:
    """Return the song with one section parted from those it shares its material with."""
    section = next(s for s in song.sections if s.name == name)
    if sum(other.material == section.material for other in song.sections) < 2:
        return song
    return replace(
        song,
        sections=tuple(
            replace(s, material=free_material(song, s.kind)) if s.name == name else s for s in song.sections
        ),
    )


def free_material(song: Song, kind: str) -> str:
    """Return a name for new material of a kind: "verse", "verse-b" or so on, the first that is not taken."""
    taken = {section.material for section in song.sections} | {name for name, _ in song.harmony}
    names = [kind, *(f"{kind}-{chr(98 + number)}" for number in range(25))]
    return next((name for name in names if name not in taken), f"{kind}-{len(taken)}")


def only(notes: Mapping[Cell, tuple[Note, ...]], song: Song) -> dict[Cell, tuple[Note, ...]]:
    """Return the notes of sections that the song has."""
    names = {section.name for section in song.sections}
    return {cell: row for cell, row in notes.items() if cell[0] in names}
