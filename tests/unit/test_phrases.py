"""The phrases of a section: letters, changes and the windows of singing."""

from __future__ import annotations

from dataclasses import replace
from itertools import pairwise

import pytest

from engine import style as styles
from engine.grammar import parse_grammar
from engine.grammar.derive import derive
from engine.grammar.model import BAR
from engine.plan.phrases import PICKUP, SHORTEST, add_phrases, lines, model, sings
from engine.plan.plan import Plan
from engine.song import Section
from engine.stream import Stream
from engine.theory.key import Key
from engine.theory.meter import Meter

FORM = (("intro", 4), ("verse", 16), ("chorus", 8), ("bridge", 8), ("chorus", 8), ("outro", 6))


def plan(
    seed: int = 1, form: tuple[tuple[str, int], ...] = FORM, meter: Meter | None = None, bridge: bool = False
) -> Plan:
    style = styles.load("rock")
    sections, bar = [], 0
    for number, (kind, bars) in enumerate(form):
        count = sum(other == kind for other, _ in form[: number + 1])
        sections.append(Section(f"{kind}/{count}", kind, kind, bar, bars, 3))
        bar += bars
    return Plan(style, seed, Key(0), 120, meter or style.meter, tuple(sections), bridge_melody=bridge)


def read(rules: str, bars: int) -> list[tuple[int, int, str, str]]:
    grammar = parse_grammar(f"grid 1\nterminals line answer\nstart S\n{rules}\n")
    found = lines(derive(grammar, "S", bars * BAR, Stream.of(0)))
    letters: dict[tuple[object, ...], str] = {}
    for leaf in found:
        letters.setdefault(leaf.identity, "abcdef"[len(letters)])
    return [(leaf.start, leaf.bars, letters[leaf.identity], leaf.change) for leaf in found]


# --- reading a derivation ---------------------------------------------------------------------------------


def test_a_shared_line_keeps_its_letter() -> None:
    assert read("S -> let A = line:2 in A line:2 A", 6) == [(0, 2, "a", ""), (2, 2, "b", ""), (4, 2, "a", "")]


def test_a_varied_line_says_so() -> None:
    assert read("S -> let A = line:2 in A A'", 4) == [(0, 2, "a", ""), (2, 2, "a", "vary")]


def test_an_answer_belongs_to_the_line_before() -> None:
    assert read("S -> line:2 answer:2", 4) == [(0, 2, "a", ""), (2, 2, "a", "answer")]


def test_another_ending_within_a_line_is_that_line_ended_otherwise() -> None:
    assert read("S -> let A = line:2 in A A.end(line:1)", 4) == [(0, 2, "a", ""), (2, 2, "a", "end")]


def test_another_ending_of_whole_lines_is_a_new_line() -> None:
    rules = "S -> let A = P:4 in A A.end(line:2)\nP -> line:2 line:2"
    assert [row[2] for row in read(rules, 8)] == ["a", "b", "a", "c"]


def test_lines_within_what_is_shared_come_again_together() -> None:
    rules = "S -> let A = P:4 in A A'\nP -> let A = line:1 in A A line:2"
    assert [row[2:] for row in read(rules, 8)] == [
        ("a", ""),
        ("a", ""),
        ("b", ""),
        ("a", "vary"),
        ("a", "vary"),
        ("b", "vary"),
    ]


# --- phrases of a song ------------------------------------------------------------------------------------


def test_phrases_tile_their_section() -> None:
    for seed in range(30):
        for section in add_phrases(plan(seed)).sections:
            at = 0
            for phrase in section.phrases:
                assert phrase.start == at
                at += phrase.length
            assert at == section.bars * 16


def test_letters_come_in_order() -> None:
    for seed in range(30):
        for section in add_phrases(plan(seed)).sections:
            seen = list(dict.fromkeys(phrase.label for phrase in section.phrases))
            assert seen == sorted(seen) and seen[0] == "a"


def test_equal_letters_have_equal_lengths() -> None:
    for seed in range(40):
        for section in add_phrases(plan(seed)).sections:
            lengths = {phrase.label: phrase.length for phrase in section.phrases if not phrase.change}
            for phrase in section.phrases:
                if phrase.change in ("", "vary", "end"):
                    assert phrase.length == lengths.get(phrase.label, phrase.length)


def test_materials_share_their_phrases() -> None:
    sections = {section.name: section for section in add_phrases(plan()).sections}
    assert sections["chorus/1"].phrases == sections["chorus/2"].phrases


def test_only_verses_and_choruses_are_sung() -> None:
    for section in add_phrases(plan()).sections:
        silent = all(first == last for first, last in (phrase.sung for phrase in section.phrases))
        assert silent == (section.kind in ("intro", "bridge", "outro"))


def test_a_bridge_is_sung_on_request() -> None:
    bridge = add_phrases(plan(bridge=True)).sections[3]
    assert any(phrase.sung[1] > phrase.sung[0] for phrase in bridge.phrases)


def test_an_outro_is_sung_where_the_singer_plays() -> None:
    base = plan()
    assert sings(base, replace(base.sections[-1], players=("melody",)))
    assert not sings(base, replace(base.sections[-1], players=("lead",)))


def test_windows_have_room_and_keep_out_of_one_anothers_way() -> None:
    for seed in range(60):
        for section in add_phrases(plan(seed)).sections:
            sung = [phrase.sung for phrase in section.phrases if phrase.sung[1] > phrase.sung[0]]
            for first, last in sung:
                assert first >= -PICKUP and last - first >= SHORTEST and last <= section.bars * 16 - PICKUP
            assert all(a[1] <= b[0] for a, b in pairwise(sung))


def test_the_first_line_of_a_section_is_sung() -> None:
    for seed in range(40):
        for section in add_phrases(plan(seed)).sections:
            if section.kind == "verse":
                assert section.phrases[0].sung[1] > section.phrases[0].sung[0]


def test_nobody_sings_before_the_song() -> None:
    for seed in range(40):
        first = add_phrases(plan(seed, (("verse", 8), ("chorus", 8)))).sections[0]
        assert first.phrases[0].sung[0] >= 0


def test_the_guitar_has_room_to_answer() -> None:
    rests = []
    for seed in range(60):
        for section in add_phrases(plan(seed)).sections:
            if section.kind in ("verse", "chorus"):
                rests.append(1 - sum(b - a for a, b in (p.sung for p in section.phrases)) / (16 * section.bars))
    assert 0.15 < sum(rests) / len(rests) < 0.5


def test_most_lines_take_two_bars() -> None:
    lengths = [p.length for seed in range(60) for s in add_phrases(plan(seed)).sections for p in s.phrases]
    assert lengths.count(32) > len(lengths) / 2


@pytest.mark.parametrize("meter", [Meter(3, 4), Meter(6, 8), Meter(5, 4), Meter(7, 8)])
def test_other_metres_have_phrases(meter: Meter) -> None:
    for section in add_phrases(plan(meter=meter)).sections:
        assert sum(phrase.length for phrase in section.phrases) == section.bars * meter.slots


def test_shares_are_shares() -> None:
    learnt = model("rock")
    assert 0 <= learnt.same <= 65_536
    assert all(0 <= share <= 65_536 for share in learnt.silent)


@pytest.mark.parametrize("seed", range(40))
def test_no_line_is_a_pick_up_alone(seed: int) -> None:
    for section in add_phrases(plan(seed)).sections:
        assert all(phrase.sung[1] > phrase.start for phrase in section.phrases if phrase.sung[1] > phrase.sung[0])
