"""What a style learnt from a folder must not sing: the folder's melodies."""

from __future__ import annotations

import pytest

from engine.api import compose
from engine.export import encode
from engine.learn.counts import Counts
from engine.learn.known import SAMPLE, keep_melody, with_melodies
from engine.learn.listen import listen_bytes
from engine.learn.song import Heard
from engine.models import tables
from engine.models.novelty import Novelty
from engine.song import Song
from engine.theory.meter import SLOT


@pytest.fixture(scope="module")
def song() -> Song:
    return compose(style="punk", seed=2, feel=0)


@pytest.fixture(scope="module")
def counts(song: Song) -> Counts:
    found = Counts()
    for number, one in enumerate((song, compose(style="punk", seed=4))):
        (heard,) = listen_bytes(encode(one, "x.mid"), f"file {number}")
        assert isinstance(heard, Heard)
        keep_melody(found, "", f"{number}", heard)
    return found


def test_a_melody_of_the_folder_is_known_whole_and_by_name(song: Song, counts: Counts) -> None:
    table, _ = with_melodies(tables.load("rock", "novelty"), counts)
    notes = song.part("melody").notes
    found = Novelty(table).nearest([note.start // SLOT for note in notes], [note.pitch for note in notes])
    assert found == (len(notes), "file 0", 0)


def test_what_the_parent_knew_is_known_as_before(counts: Counts) -> None:
    parent = tables.load("rock", "novelty")
    table, count = with_melodies(parent, counts)
    assert table.header["titles"][:-count] == parent.header["titles"]
    assert table.header["pairs"] == parent.header["pairs"]
    assert len(table.arrays["low"]) > len(parent.arrays["low"])


def test_a_folder_without_melodies_leaves_the_table_as_it_is() -> None:
    parent = tables.load("rock", "novelty")
    assert with_melodies(parent, Counts()) == (parent, 0)


def test_counts_joined_in_any_order_know_the_same(counts: Counts) -> None:
    parent, (one, other) = tables.load("rock", "novelty"), counts.sample(SAMPLE)
    found = []
    for order in ((one, other), (other, one)):
        joined = Counts()
        for item in order:
            part = Counts()
            part.keep(SAMPLE, item.hash, item.value)
            joined.join(Counts.unpack(part.pack()))
        found.append(tables.pack(with_melodies(parent, joined)[0]))
    assert found[0] == found[1]
