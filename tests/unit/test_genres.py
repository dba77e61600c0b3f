"""Genres within the corpora, and the compiled grammars of packaged styles."""

from __future__ import annotations

import pytest

from engine.grammar.load import compiled_own
from engine.models import tables
from engine.style import load, names
from engine.train.genres import ARTISTS, GENRES, SLOW, songs_of


@pytest.mark.parametrize("genre", GENRES)
def test_a_genre_has_songs(corpora, genre):
    assert len(songs_of(corpora, genre)) >= 6


def test_slow_songs_are_slow_and_blues_stands_on_twelve_bars(corpora):
    assert all(song.tempo < SLOW for song in songs_of(corpora, "ballad"))
    for song in songs_of(corpora, "blues-rock"):
        assert any(len(section.bars) % 12 == 0 for section in song.sections)


def test_nobody_is_of_two_genres():
    listed = [artist for artists in ARTISTS.values() for artist in artists]
    assert len(listed) == len(set(listed))


def test_all_grammars_that_packaged_styles_hold_are_compiled():
    known = tables.load("rock", "style_grammars").header["grammars"]
    for name in names():
        style = load(name)
        for text in (style.form, style.harmony, style.phrases):
            assert "\n" not in text or compiled_own(text) in known, f"fit style_grammars: {name} has changed"
