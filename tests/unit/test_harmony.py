"""The chords of a song: derived, borrowed, given; how they end, and what they never do."""

from __future__ import annotations

from dataclasses import replace
from itertools import pairwise

import pytest

from engine import style as styles
from engine.errors import UsageError
from engine.grammar import Node
from engine.models.harmony import BORROWED, MODES, OWN, model
from engine.plan.harmony import add_chords, chord_trees, half_slot
from engine.plan.plan import Plan
from engine.plan.remember import borrow
from engine.song import Section
from engine.style import Style
from engine.theory.key import Key
from engine.theory.meter import Meter
from engine.train.fit_harmony import ALLOWED

FORM = (
    ("intro", 4),
    ("verse", 8),
    ("chorus", 8),
    ("verse", 8),
    ("chorus", 8),
    ("bridge", 8),
    ("chorus", 8),
    ("outro", 4),
)


def rock(**rules: int) -> Style:
    style = styles.load("rock")
    return replace(style, rules={**style.rules, **{f"harmony.{name}": value for name, value in rules.items()}})


def plan(
    seed: int = 1,
    key: str = "C",
    form: tuple[tuple[str, int], ...] = FORM,
    style: Style | None = None,
    meter: Meter | None = None,
    takes: dict[str, int] | None = None,
) -> Plan:
    style = style or rock(power=0, colour=0)
    sections, bar = [], 0
    for number, (kind, bars) in enumerate(form):
        count = sum(other == kind for other, _ in form[: number + 1])
        sections.append(Section(f"{kind}/{count}", kind, kind, bar, bars, 3))
        bar += bars
    return Plan(style, seed, Key.parse(key), 120, meter or style.meter, tuple(sections), takes or {})


def numerals(section: Section) -> list[str]:
    return [span.numeral for span in section.chords]


def by_kind(found: Plan, kind: str) -> Section:
    return next(section for section in found.sections if section.kind == kind)


# --- chords as spans --------------------------------------------------------------------------------------


def test_chords_fill_every_section() -> None:
    found = add_chords(plan())
    for section in found.sections:
        at = 0
        for span in section.chords:
            assert span.start == at and span.length > 0
            at += span.length
        assert at == section.bars * found.meter.bar


def test_a_chord_that_goes_on_is_one_span() -> None:
    for seed in range(20):
        for section in add_chords(plan(seed)).sections:
            assert all(a.numeral != b.numeral for a, b in pairwise(section.chords))


def test_numerals_name_the_chords() -> None:
    found = add_chords(plan(key="E minor"))
    for section in found.sections:
        for span in section.chords:
            assert span.chord.numeral(found.key) == span.numeral


def test_sections_of_one_material_have_the_same_chords() -> None:
    found = add_chords(plan())
    choruses = [section.chords for section in found.sections if section.kind == "chorus"]
    assert choruses[0] == choruses[1] == choruses[2]


def test_the_same_seed_gives_the_same_chords() -> None:
    assert add_chords(plan(5)).sections == add_chords(plan(5)).sections


def test_seeds_differ() -> None:
    assert len({by_kind(add_chords(plan(seed)), "verse").chords for seed in range(20)}) > 15


def test_parts_of_the_verse_come_again_elsewhere() -> None:
    def remembered(tree: Node) -> bool:
        return tree.share.startswith(("verse ", "chorus ")) or any(map(remembered, tree.children))

    trees = [tree for seed in range(20) for _, tree in chord_trees(plan(seed))]
    assert 10 < sum(map(remembered, trees)) < len(trees) // 2


def test_another_take_of_the_bridge_leaves_the_rest() -> None:
    old, new = add_chords(plan()), add_chords(plan(takes={"bridge/harmony": 3}))
    assert by_kind(old, "bridge").chords != by_kind(new, "bridge").chords
    assert by_kind(old, "verse").chords == by_kind(new, "verse").chords
    assert by_kind(old, "chorus").chords == by_kind(new, "chorus").chords


# --- how it ends ------------------------------------------------------------------------------------------


@pytest.mark.parametrize(("key", "tonic"), [("G", "I"), ("E minor", "i"), ("A mixolydian", "I"), ("D dorian", "i")])
def test_the_song_ends_on_the_tonic(key: str, tonic: str) -> None:
    for seed in range(12):
        for form in (FORM, FORM[:3]):
            assert numerals(add_chords(plan(seed, key, form)).sections[-1])[-1] == tonic


def test_another_ending_changes_the_last_bar_alone() -> None:
    changed = 0
    for seed in range(20):
        base = plan(seed)
        sections = tuple(replace(s, change="end") if s.name == "chorus/2" else s for s in base.sections)
        found = {section.name: section for section in add_chords(replace(base, sections=sections)).sections}
        last = 7 * base.meter.bar
        one, two = ([s for s in found[name].chords if s.start + s.length <= last] for name in ("chorus/1", "chorus/2"))
        assert one[:-1] == two[: len(one) - 1]
        changed += found["chorus/1"].chords != found["chorus/2"].chords
    assert changed > 10


# --- modes ------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("mode", MODES)
def test_no_chord_lies_outside_the_mode_and_its_mixture(mode: str) -> None:
    for seed in range(40):
        for section in add_chords(plan(seed, f"C {mode}")).sections:
            assert set(numerals(section)) <= ALLOWED[mode]


@pytest.mark.parametrize("mode", ["lydian", "phrygian"])
def test_rarer_modes_borrow_the_dialects_of_their_neighbours(mode: str) -> None:
    assert add_chords(plan(key=f"C {mode}")).sections[0].chords


def test_the_rule_of_power_chords_leaves_no_thirds() -> None:
    found = add_chords(plan(style=rock(power=100)))
    assert {span.chord.quality for s in found.sections for span in s.chords if "/" not in span.numeral} == {"5"}


def test_a_chord_has_one_colour_in_a_song() -> None:
    for seed in range(20):
        found = add_chords(plan(seed, style=rock(power=0, colour=400)))
        roots: dict[tuple[int, int, bool], set[str]] = {}
        for section in found.sections:
            for span in section.chords:
                minor = 3 in [(pc - span.chord.root) % 12 for pc in span.chord.pitch_classes]
                roots.setdefault((span.chord.root, span.chord.bass, minor), set()).add(span.chord.quality)
        assert all(len(qualities) == 1 for qualities in roots.values())


# --- borrowing --------------------------------------------------------------------------------------------

SOURCES = {"verse": tuple("abcdefgh"), "chorus": ("x", "y")}


@pytest.mark.parametrize(
    ("way", "count", "wanted"),
    [
        ("verse-head", 4, "abcd"),
        ("verse-tail", 4, "efgh"),
        ("verse-loop", 6, "abcdab"),
        ("verse-loop", 4, ""),
        ("verse-tail", 8, ""),
        ("chorus-head", 5, "xyxyx"),
        ("chorus-loop", 8, ""),
    ],
)
def test_what_is_borrowed(way: str, count: int, wanted: str) -> None:
    assert "".join(borrow(way, count, "intro", SOURCES)) == wanted


def test_nothing_borrows_from_its_own_kind() -> None:
    assert borrow("verse-head", 4, "verse", SOURCES) == ()


def test_an_intro_often_borrows() -> None:
    trees = [dict(chord_trees(plan(seed)))["intro"].label for seed in range(60)]
    assert 10 < sum(label in BORROWED for label in trees) < 50


def test_what_is_borrowed_is_what_stands_there() -> None:
    for seed in range(60):
        base = plan(seed)
        label = dict(chord_trees(base))["intro"].label
        if label == "verse-head":
            found = add_chords(base)
            intro, verse = by_kind(found, "intro"), by_kind(found, "verse")
            assert numerals(intro) == numerals(verse)[: len(intro.chords)]
            return
    raise AssertionError("no intro borrowed in 60 songs")


def test_a_tree_stands_for_every_material() -> None:
    base = plan()
    trees = chord_trees(base)
    assert [material for material, _ in trees] == ["intro", "verse", "chorus", "bridge", "outro"]
    assert all(tree.length == 48 * by_kind(base, material).bars for material, tree in trees)


# --- chords that a person gives ---------------------------------------------------------------------------


def test_given_chords_fill_the_section_again_and_again() -> None:
    verse = by_kind(add_chords(plan(key="E minor"), {"verse": "Em C G D"}), "verse")
    assert numerals(verse) == ["i", "bVI", "bIII", "bVII"] * 2
    assert [span.chord.root for span in verse.chords[:4]] == [4, 0, 7, 2]


def test_given_chords_keep_even_the_last_bar() -> None:
    found = add_chords(plan(key="E minor"), {"outro": "Em C G D"})
    assert numerals(found.sections[-1])[-1] == "bVII"


def test_chords_of_a_bar_share_it() -> None:
    verse = by_kind(add_chords(plan(key="A minor"), {"verse": "| Am | F C | G |"}), "verse")
    assert [(span.start, span.length) for span in verse.chords[:4]] == [
        (0, 1920),
        (1920, 960),
        (2880, 960),
        (3840, 1920),
    ]


def test_given_chords_stand_under_a_node_of_that_name() -> None:
    assert dict(chord_trees(plan(), {"verse": "C F"}))["verse"].label == "given"


def test_chords_for_a_section_that_is_not_there_are_refused() -> None:
    with pytest.raises(UsageError, match="no solo"):
        add_chords(plan(), {"solo": "C F"})


def test_chords_for_an_unknown_kind_are_refused() -> None:
    with pytest.raises(UsageError, match='"vers"') as caught:
        add_chords(plan(), {"vers": "C F"})
    assert "verse" in caught.value.hint


# --- metre and tables -------------------------------------------------------------------------------------


@pytest.mark.parametrize(("meter", "slot"), [(Meter(4, 4), 8), (Meter(3, 4), 8), (Meter(6, 8), 6), (Meter(5, 4), 12)])
def test_the_second_half_begins_on_a_beat(meter: Meter, slot: int) -> None:
    assert half_slot(meter) == slot


@pytest.mark.parametrize("meter", [Meter(3, 4), Meter(6, 8), Meter(5, 4), Meter(7, 8), Meter(12, 8)])
def test_other_metres_are_filled(meter: Meter) -> None:
    for section in add_chords(plan(meter=meter)).sections:
        assert sum(span.length for span in section.chords) == section.bars * meter.bar


def test_every_mode_speaks_a_dialect() -> None:
    learnt = model("rock")
    assert all(any(weights) for weights in learnt.dialects.values())
    assert all(len(ways) == len((OWN, *BORROWED)) for ways in learnt.borrow.values())
