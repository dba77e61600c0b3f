"""A variation of one part of some sections: from nearly the same to new.

A melody keeps its rhythm or its contour, and most of its notes, and draws the others again. Other parts take some of
their bars from another take, or their pitches there, or their rhythm.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from itertools import groupby

from engine.bench.place import Place, find
from engine.bench.remake import as_sung, plan_for
from engine.bench.reroll import other_take, wanted_at
from engine.bench.steps import taken
from engine.document import Cell, Document, cells, with_notes
from engine.errors import RuleConflict, UsageError, nearest
from engine.parts.melody.varied import CONTOUR, KEEPS, RHYTHM, Varying, freed, key_of, lines_of, varied
from engine.pipeline import as_written, heated_as, plan_of
from engine.plan.keeping import fewest, told
from engine.plan.wishes import Wishes
from engine.song import Note, Section

Notes = tuple[Note, ...]


def vary(
    document: Document,
    address: str,
    amount: float = 0.3,
    keep: str = "",
    wishes: Wishes | None = None,
    number: int | None = None,
) -> Document:
    """Return the document with a variation of a part; all else stays as it is.

    amount: 0 (nearly the same) to 1 (new), the share of its notes (of its bars, if it is no melody) that change.
    keep: "rhythm" or "contour"; a melody keeps its rhythm by default. wishes: what a melody is to be. number: of the
    variation, the next one by default. Raises UsageError for what is no part, or locked, and for wishes that cannot be
    kept.
    """
    place = find(address, document.song)
    if place.layer not in {part.name for part in document.song.parts}:
        raise UsageError(f'"{address}" names no part', "such as verse/melody")
    if not 0 <= amount <= 1:
        raise UsageError(f"amount {amount:g}: expected 0 (nearly the same) to 1 (new)")
    if keep not in ("", *KEEPS):
        raise UsageError(f'keep "{keep}": expected {" or ".join(KEEPS)}', nearest(keep, KEEPS))
    voice = place.layer == "melody"
    if place.layer == "drums" and keep == CONTOUR:
        raise UsageError("drums have no contour to keep", "vary them without --keep")
    if wishes and not voice:
        raise UsageError(f"{place.text} is no melody: wishes are for what is sung", "such as chorus/melody")
    keep = keep or (RHYTHM if voice else "")
    share, wishes = round(amount * 100), wishes or Wishes()
    names = wanted_at(document, place)
    sections = [s for s in place.sections if s.name in names and place.layer in s.players]
    count = number or 1 + sum(edit.startswith(f"vary {place.text}=") for edit in document.song.edits)
    if voice:
        found = _melody(document, sections, share, keep, wishes, count)
    else:
        found = _bars(document, place, sections, share, keep, count)
    words = f"vary {place.text}={share / 100:g} number {count}" + (f" keep {keep}" if keep else "")
    return taken(document, found, words + (f" with {wishes}" if wishes else ""))


def _melody(
    document: Document, sections: Sequence[Section], share: int, keep: str, wishes: Wishes, number: int
) -> Document:
    def sung(wishes: Wishes) -> Document:
        return _sung(document, sections, share, keep, wishes, number)

    def kept(some: Wishes) -> bool:
        try:
            sung(some)
        except (RuleConflict, UsageError):
            return False
        return True

    if keep == CONTOUR and wishes.density is not None:
        raise UsageError(*told((Wishes(density=wishes.density),), "the contour"))
    try:
        return sung(wishes)
    except RuleConflict:
        raise UsageError(*told(fewest(wishes, kept), f"the {keep}")) from None


def _sung(
    document: Document, sections: Sequence[Section], share: int, keep: str, wishes: Wishes, number: int
) -> Document:
    song = document.song
    notes = cells(song, {"melody"})
    old = as_sung(song, notes)
    plan = plan_for(song, dict(document.takes), "melody", old, ())
    keys = {
        key_of(written, phrase, line): None
        for written in map(as_written, sections)
        for phrase, line in lines_of(written, old.get(written.name, ())).items()
    }
    if not keys:
        raise UsageError("nobody sings there")
    order = plan.shared(sections[0], "melody", f"vary/{number}/order")
    how = Varying(freed(keys, share, plan.meter, order), keep, number, {})
    for section in sections:
        if section.name not in old:
            continue
        with heated_as(plan.style, "melody"):
            there, new = varied(plan, section.name, old[section.name], wishes, how)
        notes[section.name, "melody"] = tuple(note._replace(pitch=note.pitch + section.shift) for note in new)
        plan = replace(plan, sung={**plan.sung, section.name: new}, _memo={})
        if wishes:
            phrases = next(s.phrases for s in there.sections if s.name == section.name)
            song = replace(
                song,
                sections=tuple(replace(s, phrases=phrases) if s.name == section.name else s for s in song.sections),
            )
    return replace(document, song=with_notes(song, notes, {"melody"}), text="")


def _bars(
    document: Document, place: Place, sections: Sequence[Section], share: int, keep: str, number: int
) -> Document:
    song, part = document.song, place.layer
    notes, other = cells(song, {part}), cells(other_take(document, place, number).song, {part})
    plan, changed = plan_of(song, dict(document.takes)), dict[Cell, Notes]()
    for section in sections:
        words = plan.shared(section, part, f"vary/{number}/bars").words(section.bars)
        order = sorted(range(section.bars), key=lambda bar: (words[bar], bar))
        new = frozenset(order[: max((share * section.bars + 50) // 100, 1)])
        cell = (section.name, part)
        row = _woven(notes.get(cell, ()), other.get(cell, ()), new, keep, song.meter.bar)
        if row:
            changed[cell] = row
    kept = {cell: row for cell, row in notes.items() if cell[0] not in {s.name for s in sections}}
    return replace(document, song=with_notes(song, kept | changed, {part}), text="")


def _woven(old: Notes, other: Notes, new: frozenset[int], keep: str, bar: int) -> Notes:
    """Return notes of which some bars are of another take: whole, or with this one's rhythm or pitches."""
    stays = [note for note in old if note.start // bar not in new]
    mine = [note for note in old if note.start // bar in new]
    theirs = [note for note in other if note.start // bar in new]
    if keep:
        rhythm, pitch = (mine, theirs) if keep == RHYTHM else (theirs, mine)
        theirs = _crossed(rhythm, pitch, bar)
    # What rings on from the bar before ends where the other take begins.
    starts = sorted({note.start for note in theirs})
    return tuple(sorted([*theirs, *(_cut(note, starts) for note in stays)]))


def _cut(note: Note, starts: Sequence[int]) -> Note:
    following = next((start for start in starts if start > note.start), None)
    if following is None or following >= note.start + note.length:
        return note
    return note._replace(length=following - note.start)


def _crossed(rhythm: Sequence[Note], pitch: Sequence[Note], bar: int) -> list[Note]:
    """Return notes that begin and last like some and are as high as others: of those the nearest in the bar."""
    heights = {start: list(row) for start, row in groupby(pitch, lambda note: note.start)}
    found = []
    for start, row in groupby(rhythm, lambda note: note.start):
        own = list(row)
        near = [at for at in heights if at // bar == start // bar]
        if not near:
            found += own
            continue
        best = min(near, key=lambda at: (abs(at - start), at))
        found += [own[0]._replace(pitch=note.pitch) for note in heights[best]]
    return found
