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
from engine.plan.groove import add_groove
from engine.plan.harmony import add_chords, chord_trees
from engine.plan.phrases import add_phrases
from engine.plan.plan import Plan
from engine.song import Note, Section, Song

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
) -> Document:
    """Return the document with layers and parts of sections made again at these takes, by the section's name.

    notes: of the song, if they are not those it has. drop_given: kinds of sections whose given chords count no more.
    """
    song = document.song
    kept = dict(cells(song) if notes is None else notes)
    for layer in PLAN:
        names = {name for name, layers in wanted.items() if layer in layers}
        if names:
            song = _replanned(song, takes, layer, names, drop_given)
    for part in song.parts:
        sections = [s for s in song.sections if part.name in wanted.get(s.name, ())]
        if not sections:
            continue
        plan = None
        for section in sections:
            kept.pop((section.name, part.name), None)
            if part.name in section.players:
                plan = plan or plan_for(song, takes, part.name)
                if played := pipeline.play_section(plan, pipeline.as_written(section), part.name):
                    kept[section.name, part.name] = played
    pairs = tuple((place, number) for place, number in takes.items() if number)
    return replace(document, song=with_notes(song, kept), takes=pairs, text="")


def plan_for(song: Song, takes: Mapping[str, int], part: str) -> Plan:
    """Return the plan over which a part plays a song as it stands."""
    shape = replace(song, parts=(), tree=None, harmony=(), edits=(), version="")
    return _plan(shape, tuple(sorted(takes.items())), part in ("melody", "lead"))


@lru_cache(maxsize=8)
def _plan(song: Song, takes: tuple[tuple[str, int], ...], sung: bool) -> Plan:
    plan = pipeline.plan_of(song, dict(takes))
    return pipeline.with_hook(plan, song.request.hook) if sung else plan


def _replanned(song: Song, takes: Mapping[str, int], layer: str, names: Collection[str], drop: Collection[str]) -> Song:
    """Return the song with a layer of these sections planned anew."""
    plan = pipeline.plan_of(song, takes)
    trees = song.harmony
    if layer == "chords":
        kinds = {section.kind for section in song.sections}
        given = {kind: text for kind, text in song.request.chords if kind not in drop and kind in kinds}
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
