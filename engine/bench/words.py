"""What is different between two songs, and what clashes in one, in musical words."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from itertools import groupby

from engine.document import Cells, Document, cells
from engine.export.chart import chord_line
from engine.song import Note, Section, Song
from engine.theory.meter import SLOT

NEW = 60  # percent of bars that differ from which a part of a section is called new
STRONG = 3  # weight of a slot from which a beat is strong: the first and the middle one
_FEW = 3  # stretches of bars told one by one


def diff(one: Document | Song, other: Document | Song) -> tuple[str, ...]:
    """Return what is different in the other song, a line each: "chorus melody: new", "bars 9-12 bass: root A to C".

    Bars count from 1, in the other song. Nothing where the songs are the same.
    """
    before, after = (side.song if isinstance(side, Document) else side for side in (one, other))
    lines = [*_setting(before, after), *_form(before, after)]
    pairs = _pairs(before, after)
    lines += _grouped(after, [(new, text) for old, new in pairs for text in _plans(before, after, old, new)])
    left, right = cells(before), cells(after)
    for part in after.parts:
        rows = [(new, _part(before, after, old, new, part.name, left, right)) for old, new in pairs]
        lines += _grouped(after, [(new, text) for new, texts in rows for text in texts])
    if isinstance(one, Document) and isinstance(other, Document):
        lines += _marks(one, other)
    return tuple(lines)


def clashes(before: Document, after: Document) -> tuple[str, ...]:
    """Return where locked notes now stand on a strong beat outside the chord under them, and did not before.

    A line for each: "verse/1 melody, bar 7 beat 3: F# over A".
    """
    known = set(_clashing(before, after))
    lines: dict[str, None] = {}
    for section, part, note in _clashing(after, after):
        if (section, part, note) not in known:
            lines[_clash(after.song, section, part, note)] = None
    return tuple(lines)


def _clashing(document: Document, locks: Document) -> Iterator[tuple[str, str, Note]]:
    """Yield the section, the part and the notes of what is locked that stand outside their chords."""
    song, notes = document.song, cells(document.song)
    for section in song.sections:
        for part in song.parts:
            if part.name == "drums" or not locks.locked(section, part.name):
                continue
            for note in notes.get((section.name, part.name), ()):
                slot, off = divmod(note.start % song.meter.bar, SLOT)
                if note.start < 0 or off or song.meter.weight(slot) < STRONG:
                    continue
                if note.pitch % 12 not in section.chord_at(note.start).chord.pitch_classes:
                    yield section.name, part.name, note


def _clash(song: Song, name: str, part: str, note: Note) -> str:
    section = next(section for section in song.sections if section.name == name)
    key, (bar, inside) = song.key_of(section), divmod(note.start, song.meter.bar)
    beat = inside // (song.meter.beat * SLOT) + 1
    chord = section.chord_at(note.start).chord.symbol(key)
    place = f"{name} {part}, bar {section.start_bar + bar + 1} beat {beat}"
    return f"{place}: {key.spell(note.pitch % 12)} over {chord}"


def _setting(before: Song, after: Song) -> Iterator[str]:
    for name in ("key", "tempo", "meter"):
        old, new = getattr(before, name), getattr(after, name)
        if old != new:
            yield f"{name}: {old} to {new}"
    for name in ("style", "seed"):
        old, new = getattr(before.request, name), getattr(after.request, name)
        if old != new:
            yield f"{name}: {old} to {new}"


def _form(before: Song, after: Song) -> Iterator[str]:
    old, new = ([section.name for section in song.sections] for song in (before, after))
    gone, come = [name for name in old if name not in new], [name for name in new if name not in old]
    bars = {section.name: section.start_bar + 1 for section in after.sections}
    if gone:
        yield f"form: without {', '.join(gone)}"
    if come:
        yield f"form: with {', '.join(f'{name} at bar {bars[name]}' for name in come)}"
    if [name for name in old if name in new] != [name for name in new if name in old]:
        yield f"form: now {', '.join(new)}"


def _pairs(before: Song, after: Song) -> list[tuple[Section, Section]]:
    old = {section.name: section for section in before.sections}
    return [(old[section.name], section) for section in after.sections if section.name in old]


def _plans(before: Song, after: Song, old: Section, new: Section) -> Iterator[str]:
    """Yield what is planned otherwise in a section."""
    if old.bars != new.bars:
        yield f"{old.bars} bars to {new.bars}"
    one, other = (
        chord_line(section, song.meter, song.key_of(section)) for song, section in ((before, old), (after, new))
    )
    if one != other:
        yield f"chords: {one} to {other}"
    if old.energy != new.energy:
        yield f"energy: {old.energy} to {new.energy}"
    for word, there, here in (("in", new, old), ("out", old, new)):
        if names := [name for name in there.players if name not in here.players]:
            yield f"{word}: {', '.join(names)}"
    if old.groove != new.groove:
        yield "groove: new"


def _part(before: Song, after: Song, old: Section, new: Section, part: str, left: Cells, right: Cells) -> list[str]:
    """Return what is different in a part of a section: "melody: new", "bars 9-12 bass: root A to C"."""
    one, other = left.get((old.name, part), ()), right.get((new.name, part), ())
    if one == other or (part in old.players) != (part in new.players):
        return []
    if len(one) == len(other) and part != "drums":
        steps = {b.pitch - a.pitch for a, b in zip(one, other, strict=True)}
        alike = [note._replace(pitch=0) for note in one] == [note._replace(pitch=0) for note in other]
        if len(steps) == 1 and alike and (step := steps.pop()):
            return [f"{part}: {'up' if step > 0 else 'down'} {abs(step)} semitones"]
    bars = [_by_bar(notes, after.meter.bar) for notes in (one, other)]
    numbers = sorted(n for n in bars[0].keys() | bars[1].keys() if bars[0].get(n) != bars[1].get(n))
    runs = list(_runs(numbers))
    if len(numbers) * 100 >= NEW * new.bars or len(runs) > _FEW:
        return [f"{part}: new"]
    texts = []
    for first, last in runs:
        names = _range(new.start_bar + first + 1, new.start_bar + last + 1)
        texts.append(f"{names} {part}: {_turn(after, new, part, bars, first, last)}")
    return texts


def _turn(song: Song, section: Section, part: str, bars: Sequence[dict[int, list[Note]]], first: int, last: int) -> str:
    """Return how a stretch of bars changed: what the bass stands on, or that it is new."""
    if part != "bass":
        return "new"
    key = song.key_of(section)
    roots = []
    for side in bars:
        found = [key.spell(side[n][0].pitch % 12) for n in range(first, last + 1) if side.get(n)]
        roots.append(" ".join(name for name, _ in groupby(found)) or "nothing")
    return f"root {roots[0]} to {roots[1]}" if roots[0] != roots[1] else "new"


def _by_bar(notes: Iterable[Note], bar: int) -> dict[int, list[Note]]:
    return {number: list(row) for number, row in groupby(notes, lambda note: max(note.start, 0) // bar)}


def _runs(numbers: Sequence[int]) -> Iterator[tuple[int, int]]:
    for _, row in groupby(enumerate(numbers), lambda pair: pair[1] - pair[0]):
        run = [number for _, number in row]
        yield run[0], run[-1]


def _range(first: int, last: int) -> str:
    return f"bar {first}" if first == last else f"bars {first}-{last}"


def _grouped(song: Song, rows: Sequence[tuple[Section, str]]) -> Iterator[str]:
    """Yield each text once, after the sections it is true of: "chorus melody: new" where it is of all choruses."""
    texts: dict[str, list[Section]] = {}
    for section, text in rows:
        texts.setdefault(text, []).append(section)
    for text, sections in texts.items():
        if text.startswith("bar"):
            yield text
            continue
        if len(sections) == len(song.sections):
            yield f"song {text}"
            continue
        for kind in dict.fromkeys(section.kind for section in sections):
            there = [s.name for s in song.sections if s.kind == kind]
            found = [s.name for s in sections if s.kind == kind]
            for name in [kind] if found == there else found:
                yield f"{name} {text}"


def _marks(one: Document, other: Document) -> Iterator[str]:
    for name, words in (("locks", "locked"), ("muted", "muted"), ("solo", "solo")):
        old, new = getattr(one, name), getattr(other, name)
        for place in new:
            if place not in old:
                yield f"{place}: {words}"
        for place in old:
            if place not in new:
                yield f"{place}: no longer {words}"
