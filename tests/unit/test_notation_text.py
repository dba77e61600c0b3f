"""ABC and ChordPro."""

from __future__ import annotations

from dataclasses import replace

import pytest
from fakes import small_song
from scores import heard, meant, read

from engine.notation.abc import abc
from engine.notation.chordpro import chordpro
from engine.song import Note, Part
from engine.theory.key import Key


def test_an_abc_tune_reads_back_to_the_same_notes():
    song = small_song()
    assert heard(read(abc(song), "abc").parts[0]) == meant(song, "melody")


@pytest.mark.parametrize("key", ["C", "F#", "Db", "G# minor", "D dorian", "E phrygian"])
def test_accidentals_of_an_abc_tune_are_what_was_meant(key):
    notes = tuple(Note(120 * n, 120, 48 + n * 7 % 36) for n in range(64))
    song = replace(small_song(key=Key.parse(key)), parts=(Part("melody", notes),))
    assert heard(read(abc(song), "abc").parts[0]) == meant(song, "melody")


def test_an_abc_tune_has_its_head():
    lines = abc(small_song()).splitlines()
    assert lines[1:8] == [
        "X:1",
        "T:Rock No. 7",
        "C:Hookline 0.1.0, seed 7",
        "M:4/4",
        "L:1/16",
        'Q:1/4=120 "Lightly swung 8ths"',
        "K:Em",
    ]
    assert "P:Intro" in lines and "P:Verse" in lines


def test_a_chord_within_a_held_note_stands_over_its_second_half():
    song = replace(small_song(), parts=(Part("melody", (Note(1920, 1920, 64),)),))
    assert '"D"E8-"A/E"E8' in abc(song)


def test_a_chord_chart_has_a_cell_a_beat():
    assert chordpro(small_song()).splitlines()[-3:] == [
        '{start_of_grid: label="Verse" shape="4x4"}',
        "| Em  .   .   .   | D   .   A/E .   |",
        "{end_of_grid}",
    ]


def test_a_chord_chart_has_its_head():
    text = chordpro(small_song())
    for line in ("{title: Rock No. 7}", "{key: Em}", "{time: 4/4}", "{tempo: 120}"):
        assert line in text
