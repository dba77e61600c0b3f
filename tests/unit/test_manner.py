"""The manner in which a whole song is sung."""

from __future__ import annotations

import numpy as np

from engine.models import manner
from engine.models.manner import Manners
from engine.models.pitch import KINDS
from engine.models.tables import Table
from engine.stream import Stream


def made(*rows: tuple[int, ...]) -> Manners:
    songs = np.array([(*row, *([5] * (len(KINDS) + 1))) for row in rows])
    return Manners(Table({}, {"songs": songs, "degrees": np.array([[900, 0, 91, 9] + [0] * 8])}))


MAJOR = (0, 1, 2, 3, 1, 4, 2, 7, 14)
MINOR = (2, 1, 5, 0, 2, 1, 0, 0, 9)


def test_a_major_song_is_never_sung_like_a_minor_one() -> None:
    manners = made(MAJOR, MINOR)
    drawn = {manners.draw("major", 1, Stream.of(seed)) for seed in range(40)}
    assert {found.palette for found in drawn} == {2}


def test_traits_of_one_song_stay_together() -> None:
    found = made(MAJOR).draw("major", 0, Stream.of(1))
    assert found == manner.Manner(2, 3, 1, 4, 2, 7, 14, (5,) * (len(KINDS) + 1))


def test_songs_of_the_same_pace_are_likelier() -> None:
    slow = (0, 0, 1, *MAJOR[3:])
    drawn = [made(MAJOR, slow).draw("major", 0, Stream.of(seed)).palette for seed in range(200)]
    assert 130 < drawn.count(1) < 190


def test_packaged_manners_answer_for_every_mode() -> None:
    for mode in ("major", "mixolydian", "minor", "dorian", "phrygian", "lydian"):
        assert manner.load("rock").draw(mode, 1, Stream.of(3)).span > 0


def test_a_palette_knows_what_is_sung_more_than_once_in_a_while() -> None:
    assert made(MAJOR).degrees(0) == {0, 2}
