"""The chords of a song: what is borrowed from where, derivations of the rest, colour, and how the song ends.

A song speaks one dialect of its mode (a mixture of grammars of one structure, see ``train.fit_harmony``), so
that its sections get along with the same few chords. Materials are taken in order of weight: verse and chorus
first; an intro, solo, interlude or outro may then borrow their chords, as real ones do.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from functools import lru_cache
from typing import NamedTuple, TypeVar

from engine.grammar.derive import Memory, derive
from engine.grammar.load import load_grammar
from engine.grammar.model import BAR, Grammar
from engine.grammar.tree import Node
from engine.models.harmony import BORROWED, COLOURS, OWN, model
from engine.plan.given import check_kinds, parse_chords
from engine.plan.plan import Plan
from engine.plan.remember import ORDER, SOURCES, borrow, memory
from engine.song import ChordSpan, Section
from engine.theory.chord import parse_numeral
from engine.theory.key import Key
from engine.theory.meter import SLOT, Meter

Bar = tuple[tuple[int, str], ...]  # (slot of the bar, numeral), the first at slot 0
Bars = tuple[Bar, ...]
T = TypeVar("T")

HALF = BAR // 2
_C = Key(0)
_MODE = {"lydian": "major", "phrygian": "minor"}
_DOMINANTS = {1: "bVI", 2: "VI"}  # of keys so many semitones higher


class Chart(NamedTuple):
    """The chords of a material: plain bars as derived or given, their tree, whether a person gave them."""

    bars: Bars
    tree: Node
    given: bool = False


def add_chords(plan: Plan, given: Mapping[str, str] | None = None) -> Plan:
    """Return the plan with ``Section.chords`` filled.

    given: chords by kind of section, as a person writes them; they fill all sections of the kind, one chord a
    bar, again and again. Raises UsageError for chords or kinds that cannot be read.
    """
    charts = _charts(plan, given or {})
    colour = _Colour(plan)
    sections = []
    for section in plan.sections:
        chart = charts[section.material]
        bars = chart.bars[: section.bars]
        if not chart.given:
            if section.change == "end" and section.bars > 1:
                bars = (*bars[:-1], *_other_end(plan, section))
            if plan.ends(section):
                bars = (*bars[:-1], ((0, _tonic(plan)),))
            elif _leads_up(plan, section):
                bars = (*bars[:-1], _up(bars[-1], plan))
            bars = tuple(tuple((slot, colour(numeral)) for slot, numeral in bar) for bar in bars)
        sections.append(replace(section, chords=_spans(bars, plan)))
    return replace(plan, sections=tuple(sections))


def chord_trees(plan: Plan, given: Mapping[str, str] | None = None) -> tuple[tuple[str, Node], ...]:
    """Return the derivation of each material's chords, in order of the song.

    What was borrowed is one node labelled "verse-head" (from its beginning) or the like over the leaves taken;
    chords that were given stand under a node labelled "given".
    """
    charts = _charts(plan, given or {})
    return tuple((material, charts[material].tree) for material in dict.fromkeys(s.material for s in plan.sections))


def _charts(plan: Plan, given: Mapping[str, str]) -> Mapping[str, Chart]:
    key = ("harmony", tuple(sorted(given.items())), tuple((s.material, s.kind, s.bars) for s in plan.sections))
    return plan.once(key, lambda: _make_charts(plan, given))


def _make_charts(plan: Plan, given: Mapping[str, str]) -> dict[str, Chart]:
    check_kinds(given, tuple(section.kind for section in plan.sections))
    first = {section.material: section for section in reversed(plan.sections)}
    waiting = sorted(first.values(), key=lambda section: (ORDER.index(section.kind), section.start_bar))
    charts: dict[str, Chart] = {}
    sources: dict[str, Bars] = {}  # the first of each kind
    trees: dict[str, Node] = {}
    known: Memory | None = None
    for section in waiting:
        if section.kind in given:
            chart = _given(plan, section, given[section.kind])
        else:
            chart = _borrowed(plan, section, sources) or _derived(plan, section, known)
        charts[section.material] = chart
        if section.kind in SOURCES and section.kind not in trees:
            trees[section.kind] = chart.tree
            known = memory(plan, trees)
        sources.setdefault(section.kind, chart.bars)
    return charts


def _given(plan: Plan, section: Section, text: str) -> Chart:
    written = []
    for bar in parse_chords(text, plan.key, section.kind):
        slots = _share(len(bar), plan.meter)
        written.append(tuple((slot, chord.numeral(plan.key)) for slot, chord in zip(slots, bar, strict=True)))
    bars = tuple(written[i % len(written)] for i in range(section.bars))
    return Chart(bars, _tree_of(bars, section.kind.capitalize(), "given", plan.meter), True)


def _borrowed(plan: Plan, section: Section, sources: Mapping[str, Bars]) -> Chart | None:
    ways = model(plan.style.models).borrow.get(section.kind)
    if not ways:
        return None
    usable = [
        (way, weight)
        for way, weight in zip((OWN, *BORROWED), ways, strict=True)
        if way == OWN or borrow(way, section.bars, section.kind, sources)
    ]
    stream = plan.shared(section, "harmony", "borrow")
    way = stream.pick([way for way, _ in usable], [weight for _, weight in usable])
    if way == OWN:
        return None
    bars = borrow(way, section.bars, section.kind, sources)
    return Chart(bars, _tree_of(bars, section.kind.capitalize(), way, plan.meter))


def _derived(plan: Plan, section: Section, memory: Memory | None) -> Chart:
    grammar, stream = _dialect(plan), plan.shared(section, "harmony", "chords")
    tree = derive(grammar, section.kind.capitalize(), section.bars * BAR, stream, memory=memory)
    return Chart(_bars_of(tree, section.bars, plan.meter), tree)


def _other_end(plan: Plan, section: Section) -> Bars:
    tree = derive(_dialect(plan), "Turn", BAR, plan.own(section, "harmony", "ending"))
    return _bars_of(tree, 1, plan.meter)


def _leads_up(plan: Plan, section: Section) -> bool:
    """Return whether the next section is in a higher key, and nobody sings who could be disturbed by its dominant."""
    following = next((other for other in plan.sections if other.start_bar == section.start_bar + section.bars), section)
    return following.shift > section.shift and "melody" not in section.players


def _up(bar: Bar, plan: Plan) -> Bar:
    """Return a bar whose second half is the dominant of the key that follows."""
    following = max(section.shift for section in plan.sections)
    middle = half_slot(plan.meter)
    return (*((slot, text) for slot, text in bar if slot < middle), (middle, _DOMINANTS[following]))


def _tonic(plan: Plan) -> str:
    return "i" if plan.key.minor else "I"


def _dialect(plan: Plan) -> Grammar:
    learnt = model(plan.style.models)
    weights = learnt.dialects[_MODE.get(plan.key.mode, plan.key.mode)]
    number = plan.song("harmony", "dialect").pick(range(len(weights)), weights)
    percent = {
        label.partition(".")[2]: value
        for label, value in plan.style.grammar_weights.items()
        if label.startswith("harmony.")
    }
    return _grammar(plan.style.harmony, plan.style.models, number, tuple(sorted(percent.items())))


@lru_cache(maxsize=64)
def _grammar(name: str, models: str, dialect: int, percent: tuple[tuple[str, int], ...]) -> Grammar:
    grammar = load_grammar(name, models).with_weights(model(models).weights[dialect])
    return grammar.reweigh(dict(percent))


class _Colour:
    """The colour of each plain chord, the same wherever it stands in the song."""

    def __init__(self, plan: Plan) -> None:
        self._plan = plan
        self._mode = _MODE.get(plan.key.mode, plan.key.mode)
        self._colours = model(plan.style.models).colours
        self._power = plan.song("harmony", "power").below(100) < plan.style.rules["harmony.power"]
        self._names: dict[str, str] = {}

    def __call__(self, plain: str) -> str:
        if plain not in self._names:
            self._names[plain] = self._name(plain)
        return self._names[plain]

    def _name(self, plain: str) -> str:
        chord = parse_numeral(plain)
        if chord.bass != chord.root:
            return plain
        if self._power:
            return chord._replace(quality="5").numeral(_C)
        qualities = COLOURS[plain.islower()]
        weights = self._colours.get((self._mode, plain))
        if weights is None:
            return plain
        percent = self._plan.style.rules["harmony.colour"]
        scaled = [weights[0] * 100, *(weight * percent for weight in weights[1:])]
        quality = self._plan.song("harmony", f"colour {plain}").pick(qualities, scaled[: len(qualities)])
        return chord._replace(quality=quality).numeral(_C)


def _bars_of(tree: Node, count: int, meter: Meter) -> Bars:
    bars: list[list[tuple[int, str]]] = [[] for _ in range(count)]
    middle = half_slot(meter)
    for leaf, _ in tree.leaves():
        for at in range(leaf.start, leaf.start + leaf.length, HALF):
            bar, rest = divmod(at, BAR)
            if not bars[bar] or bars[bar][-1][1] != leaf.symbol:
                bars[bar].append((middle if rest else 0, leaf.symbol))
    return tuple(tuple(bar) for bar in bars)


def half_slot(meter: Meter) -> int:
    """Return the slot of the beat on which the second half of a bar begins (8 in 4/4, 8 in 3/4, 6 in 6/8)."""
    return -(-(meter.slots // 2) // meter.beat) * meter.beat


def _share(count: int, meter: Meter) -> tuple[int, ...]:
    beats = meter.slots // meter.beat
    if count == 2:
        return (0, half_slot(meter))
    if count <= beats:
        return tuple(i * beats // count * meter.beat for i in range(count))
    return tuple(i * meter.slots // count for i in range(count))


def _spans(bars: Bars, plan: Plan) -> tuple[ChordSpan, ...]:
    starts = [(number * plan.meter.bar + slot * SLOT, text) for number, bar in enumerate(bars) for slot, text in bar]
    kept = [row for i, row in enumerate(starts) if i == 0 or row[1] != starts[i - 1][1]]
    ends = [*(start for start, _ in kept[1:]), len(bars) * plan.meter.bar]
    return tuple(
        ChordSpan(start, end - start, parse_numeral(text, plan.key.tonic), text)
        for (start, text), end in zip(kept, ends, strict=True)
    )


def _tree_of(bars: Bars, symbol: str, label: str, meter: Meter) -> Node:
    leaves = []
    for number, bar in enumerate(bars):
        starts = [BAR * slot // meter.slots for slot, _ in bar]
        for start, end, (_, text) in zip(starts, [*starts[1:], BAR], bar, strict=True):
            leaves.append(Node(text, number * BAR + start, end - start))
    return Node(symbol, 0, len(bars) * BAR, label, tuple(leaves))
