"""The fit of the phrases: bars that come again, lines and their edges, and the table that was fitted."""

from __future__ import annotations

from fractions import Fraction
from math import log2
from pathlib import Path

import pytest

from engine.grammar import load_grammar
from engine.grammar.expect import Expect
from engine.grammar.model import BAR
from engine.models import tables
from engine.plan.phrases import START
from engine.train.corpora.annotated import AnnotatedBar, AnnotatedSection, AnnotatedSong, BarChord, SungNote
from engine.train.fit_phrases import NAME, Shares, namings, shares_of, spell, split, weights_of
from engine.train.sung_lines import REST, Bar, Sung, is_answer, letters_of, pairs_of, read_sung, sung_section


def bar(*notes: tuple[int, int]) -> Bar:
    return Bar(frozenset(notes))


RISE = bar((0, 0), (4, 2), (8, 4), (12, 5))
FALL = bar((0, 7), (4, 5), (8, 4), (12, 2))
LATE = bar((2, 0), (6, 0), (10, 0))


def test_bars_with_most_notes_in_common_share_a_name() -> None:
    assert letters_of([RISE, LATE, bar((0, 0), (4, 2), (8, 4)), bar()]) == ("bar0", "bar1", "bar0", REST)


def test_so_do_bars_of_one_rhythm() -> None:
    assert letters_of([RISE, FALL]) == ("bar0", "bar0")


def test_an_answer_takes_up_half_a_rhythm() -> None:
    assert is_answer(RISE, bar((0, 7), (4, 5), (9, 4)))
    assert not is_answer(RISE, LATE)
    assert not is_answer(RISE, FALL)


def test_a_pick_up_belongs_to_the_line_it_leads_into() -> None:
    onsets = [0, 4, 8, 16, 29, 30, 32, 36, 40]
    assert [pair.span for pair in pairs_of(onsets, 4)] == [(0, 16), (-3, 8)]


def test_unsung_bars_have_no_line() -> None:
    assert [pair.span for pair in pairs_of([0, 4, 8], 4)] == [(0, 8), None]


def test_a_wait_in_the_middle_divides_a_line() -> None:
    assert pairs_of([0, 2, 4, 16, 18, 20], 2)[0].middle == 12
    assert pairs_of([0, 16, 18, 20], 2)[0].middle == 0


def test_a_section_is_read_from_its_first_bar() -> None:
    bars = tuple(AnnotatedBar("4/4", 0, (BarChord(0, 4, "I"),)) for _ in range(2))
    section = AnnotatedSection("verse", "verse", "", 3, bars)
    notes = tuple(SungNote(number, Fraction(k, 4), 0, 60) for number in (3, 4) for k in range(4))
    song = AnnotatedSong("rs200/x", "X", None, "4/4", 0, "major", (section,), notes)
    found = sung_section(song, section)
    assert found is not None and found.letters == ("bar0", "bar0")


def test_a_section_hardly_sung_is_left_out() -> None:
    bars = tuple(AnnotatedBar("4/4", 0, (BarChord(0, 4, "I"),)) for _ in range(4))
    section = AnnotatedSection("verse", "verse", "", 0, bars)
    song = AnnotatedSong("rs200/x", "X", None, "4/4", 0, "major", (section,), (SungNote(0, Fraction(0), 0, 60),))
    assert sung_section(song, section) is None


def test_fresh_bars_are_named_in_any_way() -> None:
    assert namings(("bar0", "bar0", REST)) == log2(32)
    assert namings(("bar0", "bar1")) == pytest.approx(log2(32) + log2(31))


def test_what_comes_again_is_cheaper_than_what_is_new() -> None:
    grammar = spell(load_grammar(NAME, ""))
    again, fresh = ("bar0", "bar1", "bar0", "bar1"), ("bar0", "bar1", "bar2", "bar3")
    expect = Expect(grammar, [(START, [(name, BAR) for name in names]) for names in (again, fresh)])
    costs = [bits or 0.0 for bits in expect.bits(grammar)]
    assert costs[0] - namings(again) < costs[1]


def test_shares_are_counted() -> None:
    section = Sung("x", "verse", ("bar0", "bar1", "bar0", REST), (RISE, LATE, FALL, bar()), pairs_of([0, 4, 8], 4))
    found = shares_of([section])
    assert (found.vary, found.answer, found.four) == (1.0, 0.0, 0.0)


def test_twin_rules_share_what_letters_cannot_tell() -> None:
    grammar = load_grammar(NAME, "")
    found, before = split(grammar, Shares(0.25, 0.5, 0.2, 0.1)), weights_of(grammar)
    assert found["aa-vary"] * 3 == pytest.approx(found["aa"], abs=6)
    assert found["aa"] + found["aa-vary"] == pytest.approx(before["aa"] + before["aa-vary"], abs=2)
    assert found["two"] > 5 * (found["short-ab"] + found["short-answer"])


def test_the_table_was_fitted_to_the_packaged_grammar() -> None:
    labels = tables.load("rock", "phrases").header["labels"]
    assert labels == [rule.label for rule in load_grammar(NAME, "").all_rules()]


def test_the_corpus_is_read(corpora: Path) -> None:
    assert len(read_sung(corpora)) > 500
