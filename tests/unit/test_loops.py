"""Loops: one section, exactly so many bars, and nothing at either end that would be heard when it goes round."""

from __future__ import annotations

import pytest
from rules import hold

from engine import bench
from engine.errors import UsageError
from engine.export.midi import midi
from engine.pipeline import compose
from engine.plan.form import LOOPED
from engine.request import make_request

LOOPS = [
    ("rock", 1, 8),
    ("rock", 2, 4),
    ("punk", 3, 8),
    ("ballad", 4, 8),
    ("metal", 5, 2),
    ("rock", 6, 1),
    ("funk", 7, 7),
]


@pytest.fixture(scope="module", params=LOOPS, ids=str)
def loop(request):
    style, seed, bars = request.param
    return compose(make_request(style=style, seed=seed, loop_bars=bars)), bars


def ends(data: bytes) -> list[int]:
    """The tick at which each track of a MIDI file ends."""
    found, at = [], 14
    while at < len(data):
        stop, now, status = at + 8 + int.from_bytes(data[at + 4 : at + 8], "big"), 0, 0
        at += 8
        while at < stop:
            wait, at = number(data, at)
            now += wait
            status = data[at] if data[at] & 0x80 else status
            at += data[at] >> 7
            if status == 0xFF:
                length, at = number(data, at + 1)
                at += length
            else:
                at += 1 if status >> 4 == 0xC else 2
        found.append(now)
    return found


def number(data: bytes, at: int) -> tuple[int, int]:
    value = 0
    while True:
        value = value << 7 | data[at] & 0x7F
        at += 1
        if not data[at - 1] & 0x80:
            return value, at


def test_a_loop_is_one_section_of_so_many_bars(loop):
    song, bars = loop
    assert [section.bars for section in song.sections] == [bars]
    assert song.sections[0].kind in LOOPED


def test_every_track_ends_on_the_last_bar_line(loop):
    song, bars = loop
    assert set(ends(midi(song))) == {bars * song.meter.bar}


def test_no_note_hangs_over_either_end(loop):
    song, bars = loop
    notes = [note for part in song.parts for note in part.notes]
    assert notes
    assert all(note.start >= 0 and note.start + note.length <= bars * song.meter.bar for note in notes)
    hold(song)


def test_it_goes_on_to_its_last_bar(loop):
    song, bars = loop
    last = song.sections[0].groove[-1]
    assert last.kick != 1 or last.snare  # no hit of the whole band, and silence after it
    assert last.fill < 0
    drums = [note for note in song.part("drums").notes if note.start >= (bars - 1) * song.meter.bar]
    assert len(drums) > 2 or "drums" not in song.sections[0].players


def test_no_cadence_is_put_at_its_end():
    ends = {compose(make_request(seed=seed, loop_bars=4)).sections[0].chords[-1].numeral for seed in range(20)}
    assert len(ends) > 3


def test_the_receipt_makes_it_again(loop):
    song, _ = loop
    document, exact = bench.from_midi(midi(song))
    assert exact
    assert document.song == song


def test_a_loop_of_a_kind_is_of_that_kind():
    assert compose(make_request(seed=1, loop_bars=4, form="S")).sections[0].kind == "solo"


def test_a_part_of_a_loop_can_be_rolled_again(loop):
    song, _ = loop
    before = bench.document(song)
    after = bench.reroll(before, "drums")
    hold(after.song)
    assert [part for part in after.song.parts if part.name != "drums"] == [
        part for part in song.parts if part.name != "drums"
    ]


@pytest.mark.parametrize(
    ("options", "line"),
    [
        ({"loop_bars": 0}, "a loop of 0 bars: expected 1 to 64"),
        ({"loop_bars": 65}, "a loop of 65 bars"),
        ({"loop_bars": 8, "form": "V C"}, "a loop is one section"),
        ({"loop_bars": 8, "length": "3:00"}, "a loop is one section"),
    ],
)
def test_what_is_no_loop_is_refused(options, line):
    with pytest.raises(UsageError, match=line):
        make_request(seed=1, **options)
