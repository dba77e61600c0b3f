from __future__ import annotations

import numpy as np
import pytest

from engine.errors import EngineError
from engine.measure.chorus import FEATURES, name_choruses, section_rows
from engine.measure.piece import Piece, Span, even_bars, notes_table
from engine.theory.meter import Meter


def song(number, lift):
    """A verse and a chorus of four bars, the chorus ``lift`` semitones higher."""
    chance = np.random.default_rng(number)
    notes = [(4 * i, 4, 60 + int(chance.integers(5)) + (lift if i >= 16 else 0)) for i in range(32)]
    sections = (Span("verse", 0, 4), Span("chorus", 4, 4))
    return Piece(str(number), 0, Meter(), even_bars(8, 16), sections, melody=notes_table(notes))


def test_a_section_is_compared_with_its_song():
    rows, labels = section_rows(song(1, 12))
    assert labels.tolist() == [0, 1]
    assert rows[:, FEATURES.index("pitch")].sum() == pytest.approx(0)
    assert rows[1, FEATURES.index("pitch")] == pytest.approx(6, abs=1)


def test_high_choruses_are_named_where_real_ones_are_high():
    pytest.importorskip("sklearn")
    real = [song(number, 7) for number in range(20)]
    named = name_choruses(real, [song(number, 7) for number in range(20, 30)])
    assert (named.real_chorus, named.our_chorus, named.our_verse) == (1, 1, 1)
    assert name_choruses(real, [song(number, -7) for number in range(20, 30)]).our_chorus == 0


def test_songs_without_sections_cannot_be_asked():
    pytest.importorskip("sklearn")
    with pytest.raises(EngineError, match="too few"):
        name_choruses([], [])
