"""Edits of the form: sections put in, taken out, repeated, moved and drawn anew, under names that stay theirs.

A section keeps its name and its notes wherever it comes to stand. Only the edges of the song follow: what comes last
gets the song's ending, what was last loses it, and a voice cannot come in before the first bar.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from engine.bench.place import find, find_section
from engine.bench.remake import free_layers, free_material, only, remade
from engine.bench.steps import taken
from engine.document import Cell, Document, cells
from engine.errors import UsageError, nearest
from engine.grammar.model import BAR
from engine.grammar.tree import Node
from engine.pipeline import plan_of
from engine.plan.form import MOST_SECTIONS, plan_form
from engine.plan.shape import players
from engine.request import LETTERS
from engine.song import KINDS, ChordSpan, Note, Section, Song
from engine.stream import Stream
from engine.theory.chord import parse_numeral

FIRST = "first"  # where a section goes that follows no other
EDITED = "edited"
MOST_BARS = 64
MOST_TRIES = 16  # forms that may be no other
TAKE = "song/form"
_SHORT = ("intro", "interlude", "outro")

Notes = dict[Cell, tuple[Note, ...]]


def insert(document: Document, kind: str, after: str, bars: int | None = None) -> Document:
    """Return the document with one more section of a kind after another ("first": before all); raises UsageError.

    A kind that the song has comes again as it was last, played anew; another gets chords and all of its own, of so many
    bars (8, or 4 for intro, interlude and outro).
    """
    song = document.song
    kind = LETTERS.get(kind.upper(), kind.lower())
    if kind not in KINDS:
        raise UsageError(f'"{kind}" is no kind of section', nearest(kind, KINDS))
    if bars is not None and not 1 <= bars <= MOST_BARS:
        raise UsageError(f"{bars} bars: expected 1 to {MOST_BARS}")
    at, there = _after(song, after)
    model = next((s for s in reversed(song.sections) if s.kind == kind and bars in (None, s.bars)), None)
    shift = song.sections[at - 1].shift if at else 0
    if model and model.shift == shift:
        new = replace(model, name=_free_name(song, kind), change="")
        layers = {"groove", *(part.name for part in song.parts)}
    else:
        style = plan_of(song, {}).style
        length = bars or (4 if kind in _SHORT else 8)
        energy = style.energy.get(kind, 3)
        new = Section(_free_name(song, kind), kind, free_material(song, kind), 0, length, energy, shift=shift)
        new = replace(new, players=players(new, style, False))
        layers = {"chords", "phrases", "groove", *(part.name for part in song.parts)}
    sections = [*song.sections[:at], new, *song.sections[at:]]
    size = f"={bars}" if bars else ""
    return taken(document, _formed(document, sections, cells(song), {new.name: layers}), f"insert {kind}{size} {there}")


def remove(document: Document, name: str) -> Document:
    """Return the document without a section; raises UsageError where something in it is locked."""
    song = document.song
    section = find_section(name, song)
    if len(song.sections) == 1:
        raise UsageError(f"{section.name} is all there is")
    if locked := _locks(document, section):
        raise UsageError(f"{locked} is locked", f"free it with: hookline unlock FILE {locked}")
    sections = [other for other in song.sections if other.name != section.name]
    return taken(document, _formed(document, sections, cells(song), {}), f"remove {section.name}")


def repeat(document: Document, name: str, after: str | None = None) -> Document:
    """Return the document with a section once more, note for note, after another or itself; raises UsageError."""
    song = document.song
    section = find_section(name, song)
    at, there = _after(song, after or section.name)
    new = replace(section, name=_free_name(song, section.kind))
    notes = cells(song)
    notes |= {(new.name, part): row for (owner, part), row in notes.items() if owner == section.name}
    sections = [*song.sections[:at], new, *song.sections[at:]]
    return taken(document, _formed(document, sections, notes, {}), f"repeat {section.name} {there}")


def move(document: Document, name: str, after: str) -> Document:
    """Return the document with a section in another place, after another or "first"; raises UsageError."""
    song = document.song
    section = find_section(name, song)
    at, there = _after(song, after)
    rest = [other for other in song.sections if other.name != section.name]
    at -= section.start_bar < sum(other.bars for other in song.sections[:at])
    sections = [*rest[:at], section, *rest[at:]]
    if [other.name for other in sections] == [other.name for other in song.sections]:
        raise UsageError(f"{section.name} stands there already")
    return taken(document, _formed(document, sections, cells(song), {}), f"move {section.name} {there}")


def reform(document: Document, take: int | None = None) -> Document:
    """Return the document with another form of these sections; raises UsageError.

    The form is drawn as a song's is. What it has more of comes again as it was last, what is new to the song is made,
    what it has less of goes; all else stays. A form without something that is locked is passed over.
    """
    song = document.song
    if song.request.loop_bars is not None:
        raise UsageError("a loop is one section and has no other form")
    now = dict(document.takes)
    first = now.get(TAKE, 0) + 1 if take is None else take
    for number in range(first, first + (MOST_TRIES if take is None else 1)):
        sections, layers = _drawn(song, number)
        names = {section.name for section in sections}
        lost = [section for section in song.sections if section.name not in names and _locks(document, section)]
        if take is not None and lost:
            raise UsageError(f"form {number} leaves out {lost[0].name}, and {_locks(document, lost[0])} is locked")
        if not lost and (take is not None or [s.name for s in sections] != [s.name for s in song.sections]):
            there = replace(document, takes=tuple((now | {TAKE: number}).items()))
            return taken(document, _formed(there, sections, cells(song), layers), f"reroll form={number}")
    raise UsageError(f"{MOST_TRIES} forms were no other, or left out what is locked")


def _drawn(song: Song, take: int) -> tuple[list[Section], dict[str, set[str]]]:
    """Return the sections of another form of a song, and the layers that have to be made of those that are new."""
    seed = Stream.of(song.request.seed).at("form", "take", take).below(1 << 62)
    style = plan_of(song, {}).style
    # Sections that the song has are as long as they are.
    bars = {section.kind: {section.bars: 1} for section in song.sections}
    asked = replace(song.request, seed=seed, form=None, length=None)
    drawn = plan_form(replace(style, bars={**style.bars, **bars}), asked, song.tempo).sections
    kept = {section.name: section for section in song.sections}
    parts = {part.name for part in song.parts}
    found: list[Section] = []
    layers: dict[str, set[str]] = {}
    for section in drawn:
        new = kept.get(section.name)
        if new is None:
            like = next((s for s in reversed([*song.sections, *found]) if s.kind == section.kind), None)
            new = replace(like, name=section.name, change="") if like else _alone(song, section)
            known = like is not None and like.chords
            layers[new.name] = {"groove", *parts} | (set() if known else {"chords", "phrases"})
        found.append(new)
    return found, layers


def _alone(song: Song, section: Section) -> Section:
    """Return a section of a drawn form as one that is new to the song."""
    return replace(section, material=free_material(song, section.kind), change="", shift=0)


def _locks(document: Document, section: Section) -> str:
    """Return what of a section is locked, or nothing."""
    locked = (layer for layer in (*section.players, "chords") if document.locked(section, layer))
    return next((f"{section.name}/{layer}" for layer in locked), "")


def _after(song: Song, name: str) -> tuple[int, str]:
    """Return the number of sections that come before a place, and the place in words."""
    if name == FIRST:
        return 0, FIRST
    section = find_section(name, song)
    return song.sections.index(section) + 1, f"after {section.name}"


def _free_name(song: Song, kind: str) -> str:
    numbers = [int(s.name.partition("/")[2]) for s in song.sections if s.kind == kind]
    return f"{kind}/{max(numbers, default=0) + 1}"


def _formed(document: Document, sections: Sequence[Section], notes: Notes, wanted: dict[str, set[str]]) -> Document:
    """Return the document with these sections in this order; what stands at the edges follows."""
    if len(sections) > MOST_SECTIONS:
        raise UsageError(f"{len(sections)} sections: expected at most {MOST_SECTIONS}")
    old, placed, at = document.song, [], 0
    for section in sections:
        placed.append(replace(section, start_bar=at))
        at += section.bars
    song = replace(old, sections=tuple(placed), tree=_tree(placed))
    layers = {name: set(row) for name, row in wanted.items()}
    everything = {"groove", "phrases", *(part.name for part in old.parts)}
    names = [section.name for section in placed]
    before, now = old.sections[-1].name, names[-1]
    if before != now and song.request.loop_bars is None:
        layers.update({name: layers.get(name, set()) | everything for name in (before, now) if name in names})
        song = replace(song, sections=(*placed[:-1], _ended(document, placed[-1], song)))
    first = song.sections[0]
    if first.name != old.sections[0].name and any(phrase.sung[0] < 0 for phrase in first.phrases[:1]):
        early = [note for note in notes.get((first.name, "melody"), ()) if note.start < 0]
        if early and document.locked(first, "melody"):
            raise UsageError(
                f"{first.name} cannot come first: its locked melody begins before it",
                f"free it with: hookline unlock FILE {first.name}/melody",
            )
        layers[first.name] = layers.get(first.name, set()) | {"phrases", "melody"}
    by_name = {section.name: section for section in song.sections}
    free = {
        name: frozenset(row) if name in wanted else free_layers(document, by_name[name], row)
        for name, row in layers.items()
    }
    marked = _marks(replace(document, song=song))
    return remade(marked, dict(document.takes), free, only(notes, song))


def _ended(document: Document, section: Section, song: Song) -> Section:
    """Return a section that ends the song: on the tonic, unless its chords are locked or not made yet."""
    start = (section.bars - 1) * song.meter.bar
    if document.locked(section, "chords") or not section.chords or section.bars < 2:
        return section
    numeral = "i" if song.key.minor else "I"
    kept = [s._replace(length=min(s.length, start - s.start)) for s in section.chords if s.start < start]
    tonic = parse_numeral(numeral, song.key_of(section).tonic)
    if kept and kept[-1].chord == tonic:
        last = kept.pop()
        return replace(section, chords=(*kept, last._replace(length=section.bars * song.meter.bar - last.start)))
    return replace(section, chords=(*kept, ChordSpan(start, song.meter.bar, tonic, numeral)))


def _tree(sections: Sequence[Section]) -> Node:
    leaves = tuple(Node(s.kind, s.start_bar * BAR, s.bars * BAR, share=s.material) for s in sections)
    return Node("Song", 0, sum(s.bars for s in sections) * BAR, EDITED, leaves)


def _marks(document: Document) -> Document:
    """Return the document without locks and mutes of what is no longer there."""

    def known(places: tuple[str, ...]) -> tuple[str, ...]:
        return tuple(place for place in places if _is_place(place, document.song))

    return replace(document, locks=known(document.locks), muted=known(document.muted), solo=known(document.solo))


def _is_place(place: str, song: Song) -> bool:
    try:
        return bool(find(place, song))
    except UsageError:
        return False
