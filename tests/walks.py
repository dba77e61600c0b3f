"""Random walks on the bench: edits in words, and what each of them may touch."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

from rules import hold

from engine import bench
from engine.document import Document, cells, covers
from engine.errors import RuleConflict, UsageError
from engine.export.songfile import document_file
from engine.export.songread import read_document
from engine.song import KINDS, Section

Choose = Callable[[Sequence[Any]], Any]

PARTS = ("melody", "lead", "rhythm", "bass", "drums")
READERS = {
    "chords": ("melody", "lead", "rhythm", "bass"),
    "phrases": ("melody", "lead", "rhythm"),
    "groove": ("lead", "rhythm", "bass", "drums"),
}
CHORDS = ("Em C G D", "| Am | F C | G |", "I bVII IV", "D5 A5 Bm7 Gsus4", "vi IV I V")
KEYS = ("A minor", "E minor", "G major", "C# major", "F dorian", "D mixolydian")


def edit(document: Document, choose: Choose) -> str:
    """Return an edit in words."""
    sections = document.song.sections
    names = [section.name for section in sections]
    heads = [*names, *dict.fromkeys(section.kind for section in sections)]
    word = choose(
        ("reroll",) * 6
        + ("vary",) * 2
        + ("lock",) * 3
        + ("unlock", "mute", "solo", "unmute", "unsolo", "chords", "key", "tempo", "energy", "on", "off")
        + ("insert", "remove", "repeat", "move")
    )
    if word in ("reroll", "lock", "mute", "solo", "on", "off"):
        layers = PARTS if word in ("mute", "solo", "on", "off") else (*PARTS, *READERS)
        places = [f"{head}/{layer}" for head in (choose(heads), choose(heads)) for layer in layers]
        place = choose([*places, *layers, choose(heads), *(["form", "form"] if word == "reroll" else [])])
        return f"{word} {place}={choose(range(9))}" if word == "reroll" else f"{word} {place}"
    if word == "vary":
        part = choose(PARTS)
        keep = choose(("", " keep rhythm", " keep contour"))
        return f"vary {choose([part, f'{choose(heads)}/{part}'])}={choose((0, 0.3, 1))} number {choose((1, 2))}{keep}"
    if word in ("unlock", "unmute", "unsolo"):
        places = {"unlock": document.locks, "unmute": document.muted, "unsolo": document.solo}[word]
        return f"{word} {choose(places)}" if places else word
    if word == "chords":
        return f"chords {choose(heads)}={choose(CHORDS)}"
    if word == "key":
        return f"key {choose(KEYS)}"
    if word == "tempo":
        return f"tempo {choose(range(60, 220, 7))}"
    if word == "energy":
        return f"energy {choose(heads)}={choose(range(1, 6))}"
    there = choose(["first", *(f"after {name}" for name in names)])
    if word == "insert":
        return f"insert {choose(KINDS)}{choose(['', '=4', '=7'])} {there}"
    return f"remove {choose(names)}" if word == "remove" else f"{word} {choose(names)} {there}"


def walk(first: Document, steps: int, choose: Choose, *, files: bool = True) -> int:
    """Take random steps from a document and back; raise AssertionError for what is not as it must be.

    Return how many edits were made.
    """
    document, made, forward, known = first, 0, [], {first.text: first}
    locked = False
    for _ in range(steps):
        if document.past and choose(range(8)) == 0:
            forward.append(document)
            document = bench.undo(document)
            assert known[document.text].song == document.song
            continue
        if forward and document.future and choose(range(3)) == 0:
            document = bench.redo(document)
            assert document.text == forward.pop().text
            continue
        words = edit(document, choose)
        try:
            after = bench.do(document, words)
        except (UsageError, RuleConflict) as refused:
            assert isinstance(refused, UsageError), (words, refused)
            continue
        check(document, after, words)
        locked = locked or bool(after.locks)
        hold(after.song, locked=locked)
        if files:
            assert read_document(document_file(after)) == after
        document, made, forward = after, made + 1, []
        known[document.text] = document
    end = document
    while document.past:
        document = bench.undo(document)
    assert document_file(document) == first.text.encode()
    while len(document.past) < len(end.past):
        document = bench.redo(document)
    assert document.text == end.text
    return made


def check(before: Document, after: Document, words: str) -> None:
    """Raise AssertionError where an edit touched what it did not name, or what is locked."""
    old = {section.name: section for section in before.song.sections}
    one, other = cells(before.song), cells(after.song)
    for section in after.song.sections:
        if section.name not in old:
            continue
        was = old[section.name]
        may = touched(before, after, words, section)
        for part in PARTS:
            if part not in may or before.locked(was, part):
                place = (section.name, part)
                assert one.get(place) == other.get(place), f"{words}: {place} changed"
        for layer in ("chords", "phrases", "groove"):
            if layer not in may or before.locked(was, layer):
                same = [(s.chord, s.start, s.length) for s in was.chords] == [
                    (s.chord, s.start, s.length) for s in section.chords
                ]
                assert same if layer == "chords" else getattr(was, layer) == getattr(section, layer), (words, layer)
        if not may:
            assert was.players == section.players, words
    gone = old.keys() - {section.name for section in after.song.sections}
    if words.startswith("reroll form="):
        assert not any(before.locked(old[name], part) for name in gone for part in old[name].players), words
    else:
        assert gone <= ({words.split()[1]} if words.startswith("remove") else set()), words


def touched(before: Document, after: Document, words: str, section: Section) -> set[str]:
    """Return which parts and layers of a section an edit may change."""
    everything = {*PARTS, *READERS}
    word, _, rest = words.partition(" ")
    if word in ("lock", "unlock", "mute", "unmute", "solo", "unsolo", "tempo"):
        return set()
    if word == "key":
        return {*PARTS, *READERS} - {"groove", "drums"}
    if word in ("insert", "remove", "repeat", "move") or rest.startswith("form="):
        ends = [song.sections[place].name for song in (before.song, after.song) for place in (0, -1)]
        return everything if section.name in ends else set()
    place = rest.partition("=")[0]
    was = next(s for s in before.song.sections if s.name == section.name)
    head = place.rpartition("/")[0] if place.rpartition("/")[2] in everything else place
    layer = place.rpartition("/")[2] if place.rpartition("/")[2] in everything else ""
    kin = {s.material for s in before.song.sections if covers(head, s, "")} if head else set()
    if head and section.name != head and ("/" in head or was.material not in kin):
        return set()
    if word == "chords":
        return {"chords", "phrases", *READERS["chords"]}
    if word == "energy":
        return everything - {"chords", "phrases"}
    if not layer:
        return everything
    found = {layer, *READERS.get(layer, ())}
    if layer == "chords":
        found.add("phrases")
    if word == "on" and layer == "melody":
        found |= {"phrases", *READERS["phrases"]}
    return found
