"""A last chorus that goes up: everything moves together, and nobody leaves their range."""

from __future__ import annotations

from dataclasses import replace
from functools import lru_cache

import pytest

from engine.export.chart import chart
from engine.export.midi import midi
from engine.export.songfile import song_file
from engine.export.songread import read_song_file
from engine.pipeline import compose
from engine.song import Request, Section, Song
from engine.style import load

FORM = ("intro", "verse", "chorus", "verse", "chorus", "solo", "chorus", "outro")


@lru_cache(maxsize=8)
def song(seed: int, up: int = 100) -> Song:
    style = load("rock")
    return compose(Request(seed=seed, form=FORM), replace(style, rules={**style.rules, "form.up": up}))


def last_chorus(found: Song) -> Section:
    return [section for section in found.sections if section.kind == "chorus"][-1]


@pytest.mark.parametrize("seed", range(3))
def test_chords_of_the_last_chorus_are_those_of_the_first_moved(seed: int) -> None:
    found = song(seed)
    first, last = next(s for s in found.sections if s.kind == "chorus"), last_chorus(found)
    assert last.shift in (1, 2)
    assert [span.chord for span in last.chords] == [span.chord.transpose(last.shift) for span in first.chords]
    assert [span.numeral for span in last.chords] == [span.numeral for span in first.chords]


@pytest.mark.parametrize("seed", range(3))
def test_everybody_stays_within_reach(seed: int) -> None:
    parts = load("rock").parts
    for part in song(seed).parts:
        assert all(parts[part.name].low <= note.pitch <= parts[part.name].high for note in part.notes)


def test_bass_moves_with_the_chords() -> None:
    found = song(1)
    last, bar = last_chorus(found), found.meter.bar
    notes = [note for note in found.part("bass").notes if note.start // bar == last.start_bar]
    assert notes[0].pitch % 12 in last.chords[0].chord.pitch_classes


@pytest.mark.parametrize("seed", range(3))
def test_solo_before_it_ends_on_the_dominant_of_the_new_key(seed: int) -> None:
    found = song(seed)
    solo = next(section for section in found.sections if section.kind == "solo")
    assert solo.chords[-1].chord.root == (found.key.tonic + last_chorus(found).shift + 7) % 12


def test_song_file_keeps_the_change() -> None:
    found = song(1)
    again = read_song_file(song_file(found))
    assert again == found and chart(again) == chart(found)


def test_midi_file_has_a_key_signature_for_each_key() -> None:
    assert midi(song(1)).count(b"\xff\x59\x02") == 2
    assert midi(song(1, 0)).count(b"\xff\x59\x02") == 1


def test_chart_names_the_new_key() -> None:
    found = song(1)
    assert f"in {found.key_of(last_chorus(found))}" in chart(found)
