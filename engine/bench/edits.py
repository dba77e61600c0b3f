"""Edits of what a section is made of, and of key and tempo: what depends on them follows, what is locked stays."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from dataclasses import replace

from engine.bench.place import Place, find
from engine.bench.remake import free_layers, own_material, reach_of, remade
from engine.bench.steps import taken
from engine.document import Cell, Document, cells
from engine.errors import UsageError
from engine.pipeline import plan_of
from engine.plan.given import parse_chords
from engine.plan.phrases import KINDS as SUNG
from engine.plan.shape import HIGHEST, LOWEST, players
from engine.request import TEMPO
from engine.song import Note, Section, Song
from engine.style.model import PartStyle
from engine.theory.key import Key

MOVED = ("melody", "lead", "bass")  # who plays the same in another key, where it lies within reach


def set_chords(document: Document, address: str, chords: str) -> Document:
    """Return the document with these chords in sections, over and over; who plays them follows. Raises UsageError.

    chords: as ``--chords`` takes them, "Em C G D" or "| Am | F C |".
    """
    place = find(address, document.song)
    if place.layer not in ("", "chords"):
        raise UsageError(f"{place.text} has no chords of its own", f"name the section: {place.head}")
    text = " ".join(chords.split())
    for kind in {section.kind for section in place.sections}:
        parse_chords(text, document.song.key, kind)
    wanted = _free(document, place, ("chords",))
    parted = replace(document, song=own_material(document.song, place.head)) if place.single else document
    given = {section.kind: text for section in place.sections}
    return taken(document, remade(parted, dict(document.takes), wanted, given=given), f"chords {_name(place)}={text}")


def set_tempo(document: Document, tempo: int) -> Document:
    """Return the document at a tempo in beats a minute; no note changes. Raises UsageError."""
    if not TEMPO[0] <= tempo <= TEMPO[1]:
        raise UsageError(f"tempo {tempo}: expected {TEMPO[0]} to {TEMPO[1]} beats a minute")
    if tempo == document.song.tempo:
        raise UsageError(f"the song is at {tempo} already")
    return taken(document, replace(document, song=replace(document.song, tempo=tempo)), f"tempo {tempo}")


def set_key(document: Document, key: str) -> Document:
    """Return the document in a key: moved there where the mode is the same, else with new chords. Raises UsageError.

    Melody, lead and bass play the same in the new key where they can reach it; the rhythm guitar finds new shapes.
    """
    new = Key.parse(key)
    song = document.song
    if new == song.key:
        raise UsageError(f"the song is in {new} already")
    if new.mode != song.key.mode:
        named = replace(song, key=new, sections=tuple(_numerals(section, new) for section in song.sections))
        wanted = {s.name: free_layers(document, s, ("chords",)) for s in song.sections}
        return taken(document, remade(replace(document, song=named), dict(document.takes), wanted), f"key {new}")
    step = (new.tonic - song.key.tonic + 5) % 12 - 5
    sections = tuple(
        _numerals(section, new) if document.locked(section, "chords") else _moved(section, step)
        for section in song.sections
    )
    moved = replace(document, song=replace(song, key=new, sections=sections))
    notes, again = _in_key(moved, step)
    wanted = {s.name: free_layers(document, s, again) & again for s in song.sections}
    return taken(document, remade(moved, dict(document.takes), wanted, notes), f"key {new}")


def set_energy(document: Document, address: str, level: int) -> Document:
    """Return the document with sections at an energy, 1 to 5: who plays there, and how, follows. Raises UsageError."""
    if not LOWEST <= level <= HIGHEST:
        raise UsageError(f"energy {level}: expected {LOWEST} (bare) to {HIGHEST} (everything)")
    place = _sections(document, address)
    other = tuple(section for section in place.sections if section.energy != level)
    if not other:
        raise UsageError(f"{_name(place)} is at {level} already")
    place = place._replace(sections=other)
    style = plan_of(document.song, {}).style

    def turned(section: Section) -> Section:
        there = replace(section, energy=level)
        sung = "melody" in section.players
        old, new = players(section, style, sung), players(there, style, sung)
        free = {part for part in style.parts if not document.locked(section, part)}
        kept = (set(section.players) | set(new) & free) - ((set(old) - set(new)) & free)
        return replace(there, players=tuple(p for p in style.parts if p in kept) or section.players)

    names = {section.name for section in place.sections}
    song = _with(document.song, {s.name: turned(s) for s in document.song.sections if s.name in names})
    parts = tuple(part.name for part in song.parts)
    wanted = _free(document, place, ("groove", *parts))
    new = remade(replace(document, song=song), dict(document.takes), wanted, cells(document.song))
    return taken(document, new, f"energy {_name(place)}={level}")


def put_in(document: Document, address: str) -> Document:
    """Return the document with a part that plays in sections where it did not; raises UsageError."""
    place = _part_place(document, address)
    absent = [section for section in place.sections if place.layer not in section.players]
    if not absent:
        raise UsageError(f"{place.text} plays already")
    mute = [s.name for s in absent if s.kind not in (*SUNG, "outro")] if place.layer == "melody" else []
    if mute:
        raise UsageError(f"nobody sings in {', '.join(mute)}", "a voice sings in verse, chorus, bridge and outro")
    order = [part.name for part in document.song.parts]
    new = {s.name: replace(s, players=tuple(p for p in order if p in (*s.players, place.layer))) for s in absent}
    song = _with(document.song, new)
    layers = ("phrases", "melody") if place.layer == "melody" else (place.layer,)
    wanted = _free(document, place._replace(sections=tuple(absent)), layers)
    made = remade(replace(document, song=song), dict(document.takes), wanted, cells(document.song))
    return taken(document, made, f"on {place.text}")


def take_out(document: Document, address: str) -> Document:
    """Return the document without a part in sections; raises UsageError where nobody would be left, or it is locked."""
    place = _part_place(document, address)
    there = [section for section in place.sections if place.layer in section.players]
    if not there:
        raise UsageError(f"{place.text} does not play")
    _free(document, place._replace(sections=tuple(there)), (place.layer,))
    there = [section for section in there if not document.locked(section, place.layer)]
    for section in there:
        if not any(name not in ("melody", place.layer) for name in section.players):
            raise UsageError(f"nobody would be left to play in {section.name}")
    new = {s.name: replace(s, players=tuple(p for p in s.players if p != place.layer)) for s in there}
    wanted = {name: {place.layer} for name in new}
    song = _with(document.song, new)
    made = remade(replace(document, song=song), dict(document.takes), wanted, cells(document.song))
    return taken(document, made, f"off {place.text}")


def _sections(document: Document, address: str) -> Place:
    place = find(address, document.song)
    if place.layer:
        raise UsageError(f'"{address}" names a part', f"name the section: {place.head or 'song'}")
    return place


def _part_place(document: Document, address: str) -> Place:
    place = find(address, document.song)
    if place.layer not in {part.name for part in document.song.parts}:
        raise UsageError(f'"{address}" names no part', "such as verse/1/lead")
    return place


def _free(document: Document, place: Place, layers: Collection[str]) -> dict[str, frozenset[str]]:
    """Return what may change in the sections of a place; raises UsageError where the layers are locked in all."""
    wanted = {s.name: free_layers(document, s, layers) for s in place.sections}
    wanted = {name: free for name, free in wanted.items() if free.intersection(layers)}
    if not wanted:
        raise UsageError(f"{place.text} is locked", f"free it with: hookline unlock FILE {place.text}")
    return wanted


def _name(place: Place) -> str:
    return place.head or "song"


def _with(song: Song, new: Mapping[str, Section]) -> Song:
    return replace(song, sections=tuple(new.get(section.name, section) for section in song.sections))


def _numerals(section: Section, key: Key) -> Section:
    """Return a section whose chords stay, told in another key."""
    there = key.up(section.shift)
    return replace(section, chords=tuple(s._replace(numeral=s.chord.numeral(there)) for s in section.chords))


def _moved(section: Section, step: int) -> Section:
    return replace(section, chords=tuple(s._replace(chord=s.chord.transpose(step)) for s in section.chords))


def _in_key(document: Document, step: int) -> tuple[dict[Cell, tuple[Note, ...]], frozenset[str]]:
    """Return all notes, moved where they can be, and the parts that have to be played again."""
    song, again = document.song, {"rhythm"}
    notes = cells(song)
    free = {s.name for s in song.sections}
    for part in song.parts:
        if part.name not in MOVED:
            continue
        sections = [s for s in song.sections if not document.locked(s, part.name) and s.name in free]
        own = {(s.name, part.name): notes[s.name, part.name] for s in sections if (s.name, part.name) in notes}
        by = _reach((note.pitch for row in own.values() for note in row), step, reach_of(song, part.name))
        if by is None:
            again.add(part.name)
        else:
            notes |= {cell: tuple(n._replace(pitch=n.pitch + by) for n in row) for cell, row in own.items()}
    return notes, frozenset(again & {part.name for part in song.parts})


def _reach(pitches: Iterable[int], step: int, sound: PartStyle) -> int | None:
    """Return by how many semitones pitches can move to be ``step`` higher in some octave, and stay within reach."""
    found = list(pitches)
    if not found:
        return step
    for by in sorted((step - 12, step, step + 12), key=abs):
        if min(found) + by >= sound.low and max(found) + by <= sound.high:
            return by
    return None
