"""The fit of the harmony: what is counted, and the table that was fitted."""

from __future__ import annotations

from math import log2

import pytest

from engine.grammar import load_grammar
from engine.models import tables
from engine.models.harmony import BORROWED, MODES, OWN, model
from engine.train.chord_lines import Line, Reading
from engine.train.dialects import read_examples, song_bits
from engine.train.fit_harmony import (
    ALLOWED,
    KEPT,
    NAME,
    _bigram,
    _changes,
    _whole,
    borrowed,
    colours,
    functional_share,
)


def song(*lines: tuple[str, str], full: str = "I", corpus: str = "billboard") -> Reading:
    read = tuple(Line(kind, tuple(h for chord in chords.split() for h in (chord, chord))) for kind, chords in lines)
    return Reading(corpus, "x", "major", read, tuple(full.split()))


def test_changes_are_chords_with_their_lengths() -> None:
    assert _changes(("I", "I", "IV", "V", "V", "V")) == ["I 2", "IV 1", "V 3"]


def test_the_bigram_by_hand() -> None:
    # After "a": "b" once, of two events and one never met; after "<": "a" once.
    assert _bigram([["a", "b"]], [["a", "b"]]) == pytest.approx(-log2(2 / 4) * 2)


def test_borrowing_is_counted_from_verse_and_chorus() -> None:
    kinds, counts = borrowed(
        [
            song(("verse", "I IV I V vi IV V I"), ("intro", "I IV I V")),
            song(("verse", "I IV I V vi IV V I"), ("intro", "ii V ii V")),
            song(("chorus", "I V"), ("intro", "I V I V")),
        ]
    )
    row = dict(zip((OWN, *BORROWED), counts[kinds.index("intro")].tolist(), strict=True))
    assert row == {OWN: 200, "verse-head": 200, "chorus-head": 200} | dict.fromkeys(
        ("verse-tail", "verse-loop", "chorus-tail", "chorus-loop"), 100
    )


def test_a_song_of_rock_counts_more() -> None:
    lines = (("verse", "I IV I V"), ("intro", "ii V ii V"))
    one, five = (borrowed([song(*lines, corpus=name)])[1].max() for name in ("billboard", "rs200"))
    assert (one, five) == (200, 600)


def test_the_usual_colour_of_a_chord_is_counted_by_song() -> None:
    found = colours([song(full="I V7 V V7"), song(full="I I V")], ["I", "V"])
    assert found[0, 0, :3].tolist() == [3, 0, 0]
    assert found[0, 1, :3].tolist() == [2, 1, 0]


def test_sections_are_parsed_and_weighed_by_song() -> None:
    grammar = load_grammar(NAME, "")
    songs = [song(("verse", "I IV I IV")), song(("verse", "I #IV I bii"), ("chorus", "I I I I"))]
    examples = read_examples(grammar, songs)
    assert (examples.owners, examples.met) == ((0, 1, 1), 3)
    bits = song_bits([grammar], [1], examples, [0, 1])
    assert bits.shape == (2, 1) and 0 < bits[0, 0] < bits[1, 0] < 1e4


def test_odd_chords_need_more_than_functions() -> None:
    grammar = load_grammar(NAME, "")
    examples = read_examples(grammar, [song(("verse", "I IV I IV"), ("chorus", "I #IV I bii"))])
    assert functional_share(grammar, examples) == 0.5


# --- the fitted table ---------------------------------------------------------------------------------------


def test_the_table_was_fitted_to_the_packaged_grammar() -> None:
    labels = tables.load("rock", "harmony").header["labels"]
    assert labels == [rule.label for rule in load_grammar(NAME, "").all_rules()]


def test_every_symbol_can_go_on_in_every_dialect() -> None:
    grammar = load_grammar(NAME, "")
    unused = {"Odd"}
    for weights in model("rock").weights:
        for symbol, rules in grammar.rules.items():
            assert symbol in unused or any(weights[rule.label] for rule in rules), symbol


def test_no_dialect_writes_what_is_there_for_reading_alone() -> None:
    assert all(not weights["odd"] for weights in model("rock").weights)


def test_rules_named_in_the_fit_are_in_the_grammar() -> None:
    assert set(KEPT) <= load_grammar(NAME, "").labels


def test_every_mode_allows_its_tonic() -> None:
    assert [mode for mode in MODES if "I" in ALLOWED[mode]] == ["major", "mixolydian"]
    assert [mode for mode in MODES if "i" in ALLOWED[mode]] == ["minor", "dorian"]


def test_sections_that_come_again_cost_only_which_they_are() -> None:
    # The first verse costs what it costs, its return one bit (again or new), the next log2(3 / 2).
    songs = [song(("verse", "I IV I V"), ("verse", "I IV I V"), ("verse", "I IV I V"))]
    found = _whole(songs, [0], [0], 2.0)
    assert found.bits * found.events == pytest.approx(2 + 1 + log2(3 / 2))
    assert found.events == 12
