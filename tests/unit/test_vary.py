"""Variations of a part of a song."""

from __future__ import annotations

from itertools import pairwise

import pytest

from engine import bench
from engine.document import Document, cells
from engine.errors import UsageError
from engine.export.songfile import document_file
from engine.pipeline import compose
from engine.plan.wishes import parse_wishes
from engine.request import make_request
from engine.song import Note
from engine.theory.meter import SLOT

AMOUNTS = (0.0, 0.1, 0.3, 0.5, 0.8, 1.0)


@pytest.fixture(scope="module")
def song() -> Document:
    return bench.document(compose(make_request(seed=3, form="I V C V C B C")))


def line(document: Document, name: str, part: str = "melody") -> tuple[Note, ...]:
    return cells(document.song)[name, part]


def equal(one: Document, other: Document, name: str) -> float:
    old = {(note.start, note.pitch) for note in line(one, name)}
    new = [(note.start, note.pitch) for note in line(other, name)]
    return sum(note in old for note in new) / len(new)


@pytest.mark.parametrize("keep", ["rhythm", "contour"])
def test_the_more_the_amount_the_fewer_notes_stay(song, keep):
    shares = [equal(song, bench.vary(song, "verse/melody", amount, keep), "verse/1") for amount in AMOUNTS]
    assert shares == sorted(shares, reverse=True)
    assert shares[0] > 0.9
    assert abs(shares[2] - 0.7) < 0.15
    assert shares[-1] < 0.1


def test_the_rhythm_stays(song):
    for amount in AMOUNTS:
        new = bench.vary(song, "verse/melody", amount)
        for name in ("verse/1", "verse/2"):
            old = [(note.start, note.length) for note in line(song, name)]
            assert [(note.start, note.length) for note in line(new, name)] == old


def test_the_contour_of_each_line_stays_and_the_rhythm_moves(song):
    new = bench.vary(song, "chorus/melody", 1, "contour")
    section = next(s for s in song.song.sections if s.name == "chorus/1")
    for phrase in section.phrases:
        lines = [
            [note for note in line(document, "chorus/1") if phrase.sung[0] <= note.start // SLOT < phrase.sung[1]]
            for document in (song, new)
        ]
        ups = [[(b.pitch > a.pitch) - (b.pitch < a.pitch) for a, b in pairwise(notes)] for notes in lines]
        assert ups[0] == ups[1]
    assert [note.start for note in line(new, "chorus/1")] != [note.start for note in line(song, "chorus/1")]


def test_nothing_else_changes(song):
    for place in ("verse/melody", "chorus/2/bass", "drums", "chorus/rhythm"):
        new = bench.vary(song, place)
        part = place.rpartition("/")[2]
        old, now = cells(song.song), cells(new.song)
        for cell in old.keys() | now.keys():
            named = place.startswith((cell[0], cell[0].partition("/")[0])) or place == part
            assert old.get(cell) == now.get(cell) or (cell[1] == part and named)
        assert new.song.sections == song.song.sections
        assert document_file(bench.undo(new)) == document_file(song)


def test_what_is_locked_stays(song):
    locked = bench.lock(song, "verse/1/melody")
    new = bench.vary(locked, "verse/melody", 1)
    assert line(new, "verse/1") == line(song, "verse/1")
    assert line(new, "verse/2") != line(song, "verse/2")
    with pytest.raises(UsageError, match="verse/melody is locked"):
        bench.vary(bench.lock(song, "melody"), "verse/melody")


def test_the_next_variation_is_another(song):
    once = bench.vary(song, "verse/melody", 0.5)
    other = bench.vary(song, "verse/melody", 0.5, number=2)
    assert line(once, "verse/1") != line(other, "verse/1")
    assert bench.vary(once, "verse/melody", 0.5).song.edits[-1] == "vary verse/melody=0.5 number 2 keep rhythm"


def test_the_history_says_it_again(song):
    new = bench.vary(song, "chorus/melody", 0.4, "contour", parse_wishes("avoid F#"))
    assert bench.do(song, new.song.edits[-1]).song == new.song
    bass = bench.vary(song, "verse/bass", 0.4)
    assert bench.do(song, bass.song.edits[-1]).song == bass.song


def test_a_line_that_comes_again_over_its_chords_is_varied_alike():
    document = bench.document(compose(make_request(seed=11, form="V C", chords={"verse": "Em C G D"})))
    section = document.song.sections[0]
    new = bench.vary(document, "verse/melody", 0.4)

    def lines(document: Document) -> list[list[tuple[int, int]]]:
        return [
            [
                (note.start // SLOT - phrase.start, note.pitch)
                for note in line(document, "verse/1")
                if phrase.sung[0] <= note.start // SLOT < phrase.sung[1]
            ]
            for phrase in section.phrases
        ]

    old, now = lines(document), lines(new)
    pairs = [(i, j) for i in range(len(old)) for j in range(i) if old[i] and old[i] == old[j]]
    assert pairs
    for i, j in pairs:
        assert now[i] == now[j]


def test_wishes_come_before_what_would_stay(song):
    new = bench.vary(song, "verse/melody", 0, wishes=parse_wishes("avoid B; first D4"))
    for name in ("verse/1", "verse/2"):
        assert line(new, name)[0].pitch == 62
        assert all(note.pitch % 12 != 11 for note in line(new, name))


def test_wishes_that_the_rhythm_or_the_contour_has_no_room_for_are_told(song):
    silent = next(bar for bar in range(1, 9) if all(note.start != (bar - 1) * 1920 for note in line(song, "verse/1")))
    with pytest.raises(UsageError, match=rf"cannot be kept together: pin {silent}.1=E4 and the rhythm"):
        bench.vary(song, "verse/melody", wishes=parse_wishes(f"pin {silent}.1=E4; avoid C"))
    with pytest.raises(UsageError, match=r"density 0.9 and the contour"):
        bench.vary(song, "verse/melody", keep="contour", wishes=parse_wishes("density 0.9"))


@pytest.mark.parametrize("part", ["lead", "rhythm", "bass", "drums"])
def test_other_parts_change_by_the_bar(song, part):
    place = f"chorus/{part}"
    shares = []
    for amount in AMOUNTS:
        new = bench.vary(song, place, amount, number=3)
        bars = [{n for n in line(song, "chorus/1", part) if n.start // 1920 == bar} for bar in range(8)]
        now = [{n for n in line(new, "chorus/1", part) if n.start // 1920 == bar} for bar in range(8)]
        shares.append(sum({x[:3:2] for x in a} == {x[:3:2] for x in b} for a, b in zip(bars, now, strict=True)))
    assert shares == sorted(shares, reverse=True)


def test_the_bass_keeps_its_rhythm_or_its_pitches(song):
    kept = bench.vary(song, "verse/bass", 1, "rhythm", number=2)
    assert [n.start for n in line(kept, "verse/1", "bass")] == [n.start for n in line(song, "verse/1", "bass")]
    pitches = {note.pitch for note in line(song, "verse/1", "bass")}
    for note in line(bench.vary(song, "verse/bass", 1, "contour", number=2), "verse/1", "bass"):
        assert note.pitch in pitches or note in line(song, "verse/1", "bass")


@pytest.mark.parametrize(
    ("place", "options", "said"),
    [
        ("verse/chords", {}, '"verse/chords" names no part'),
        ("verse/melody", {"amount": 1.5}, "amount 1.5: expected 0"),
        ("verse/melody", {"keep": "tune"}, 'keep "tune": expected rhythm or contour'),
        ("drums", {"keep": "contour"}, "drums have no contour"),
        ("bass", {"wishes": parse_wishes("first A3")}, "bass is no melody"),
        ("intro/melody", {}, "nobody"),
    ],
)
def test_what_cannot_be_is_told(song, place, options, said):
    with pytest.raises(UsageError, match=said):
        bench.vary(song, place, **options)
