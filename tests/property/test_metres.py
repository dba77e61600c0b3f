"""Songs in other metres than 4/4 keep every rule, and fall into the beats of their metre."""

from __future__ import annotations

from functools import lru_cache

import pytest

from engine.pipeline import compose
from engine.request import make_request
from engine.song import Song
from engine.style.load import load_file
from engine.theory.gm import KIT

METRES = {
    "3/4": "[96, 120, 150]",
    "6/8": "[80, 96, 112]",
    "12/8": "[84, 100, 120]",
    "7/8": "[90, 110, 130]",
    "2/4": "[70, 84, 96]",
}


@pytest.fixture(scope="module")
def song_in(tmp_path_factory):
    folder = tmp_path_factory.mktemp("metres")

    @lru_cache
    def make(metre: str, seed: int) -> Song:
        path = folder / f"{metre.replace('/', '-')}.yaml"
        path.write_text(f"extends: rock\nabout: in {metre}\nmeter: {metre}\ntempo: {METRES[metre]}\n")
        return compose(make_request(seed=seed), load_file(path))

    return make


def starts(song: Song, part: str) -> list[int]:
    """Return the slot of the bar at which each note of a part starts."""
    return [note.start % song.meter.bar // 120 for note in song.part(part).notes]


@pytest.mark.parametrize("metre", METRES)
@pytest.mark.parametrize("seed", range(3))
def test_no_bar_is_silent_and_no_note_out_of_bounds(song_in, metre, seed):
    song, busy = song_in(metre, seed), set()
    bar = song.meter.bar
    assert 120 <= song.seconds <= 300
    for part in song.parts:
        free: dict[int, int] = {}
        for note in part.notes:
            assert 0 <= note.start < note.start + note.length <= song.bars * bar, part.name
            assert note.start >= free.get(note.pitch, 0), f"{part.name} {note} overlaps"
            free[note.pitch] = note.start + note.length
            busy |= set(range(note.start // bar, (note.start + note.length - 1) // bar + 1))
    assert busy == set(range(song.bars))


@pytest.mark.parametrize(("metre", "back"), [("6/8", {6}), ("12/8", {6, 18})])
def test_the_backbeat_of_a_compound_metre_is_on_its_beats(song_in, metre, back):
    song = song_in(metre, 1)
    hits = [note.start % song.meter.bar // 120 for note in song.part("drums").notes if note.pitch == KIT["snare"]]
    assert sum(slot in back for slot in hits) > len(hits) / 2


@pytest.mark.parametrize("metre", ["6/8", "12/8"])
@pytest.mark.parametrize("part", ["melody", "bass", "rhythm", "lead"])
def test_compound_metres_move_in_eighths(song_in, metre, part):
    slots = [slot for seed in range(3) for slot in starts(song_in(metre, seed), part)]
    assert sum(slot % 2 for slot in slots) < len(slots) * 0.12


def test_a_waltz_strikes_one_with_the_kick(song_in):
    song = song_in("3/4", 2)
    kicks = [note.start % song.meter.bar for note in song.part("drums").notes if note.pitch == KIT["kick"]]
    assert kicks.count(0) > song.bars / 2
