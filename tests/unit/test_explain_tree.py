"""Derivations as people read them: text, data, picture."""

from __future__ import annotations

import re
from dataclasses import replace
from xml.etree import ElementTree

import pytest

from engine import bench
from engine.document import Document
from engine.explain.derivation import Twig, derivations, facts, text
from engine.explain.treepicture import tree_svg
from engine.grammar.model import BAR
from engine.grammar.tree import Node
from engine.pipeline import compose
from engine.request import make_request


@pytest.fixture(scope="module")
def song() -> Document:
    return bench.document(compose(make_request(seed=3, form="I V C V C B C")))


def small(song: Document, tree: Node):
    """The song with another derivation for its verse."""
    return replace(song.song, harmony=(("verse", tree),), tree=None)


def test_steps_that_only_rename_are_one_and_empty_ones_none(song):
    leaf = Node("I", 0, BAR)
    tree = Node("Verse", 0, BAR, "one", (Node("Home", 0, BAR, "home", (leaf,)), Node("Nothing", BAR, 0, "none")))
    root = derivations(small(song, tree))[0].root
    assert root == Twig(("Verse", "Home", "I"), ("one", "home"), 0, 1)


def test_a_shared_part_is_written_once(song):
    part = Node("Home", 0, 2 * BAR, "pair", (Node("I", 0, BAR), Node("V", BAR, BAR)), "A")
    tree = Node("Verse", 0, 4 * BAR, "twice", (part, part.moved(2 * BAR)))
    lines = text(small(song, tree)).splitlines()
    assert lines[1:] == [
        "Verse  4 bars from 1  [twice]",
        "├─ Home  2 bars from 1  [pair]  = A",
        "│  ├─ I  1 bar from 1",
        "│  └─ V  1 bar from 2",
        "└─ Home  2 bars from 3  = A, as above",
    ]


def test_the_form_names_the_sections_in_order(song):
    form = derivations(song.song)[0]
    told: list[str] = []
    waiting = [form.root]
    while waiting:
        twig = waiting.pop()
        told += [twig.section] if twig.section else []
        waiting += reversed(twig.parts)
    assert told == [section.name for section in song.song.sections]


def test_every_material_has_its_chords(song):
    trees = derivations(song.song)[1:]
    assert [tree.material for tree in trees] == list(dict.fromkeys(s.material for s in song.song.sections))
    assert sorted(name for tree in trees for name in tree.sections) == sorted(s.name for s in song.song.sections)


def test_given_chords_say_so(song):
    told = text(bench.set_chords(song, "verse", "Em C G D").song)
    assert "chords of verse: verse/1, verse/2 (given by the user)" in told


def test_an_edited_form_is_told_as_it_is(song):
    edited = bench.repeat(song, "chorus/3", "chorus/3")
    assert "chorus/4" in text(edited.song)


def test_data_for_programs_hold_every_bar_once(song):
    told = facts(song.song)
    assert told["form"]["bars"] == song.song.bars
    assert sum(part["bars"] for part in told["form"]["parts"]) == song.song.bars


def test_the_picture_is_svg_as_wide_as_ever_whatever_the_song(song):
    for one in (song.song, compose(make_request(seed=12, length="5:30"))):
        svg = tree_svg(one)
        root = ElementTree.fromstring(svg)
        assert root.get("width") == "1200"
        boxes = [(float(b.get("x", 0)), float(b.get("width"))) for b in root.iter("{http://www.w3.org/2000/svg}rect")]
        assert max(x + width for x, width in boxes) <= 1200
        assert len(re.findall("<title>", svg)) > len(one.sections)
