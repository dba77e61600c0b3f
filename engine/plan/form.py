"""The form of a song: a derivation of the form grammar, and bars for its materials drawn jointly.

First the structure is derived from the grammar (or parsed, where a form was asked for). Then the lengths of all
materials are drawn at once from the grammar's tables, by the sampler, under the length of the whole song: a
verse that comes three times counts three times. Last, the song gets its curve of energy.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from functools import lru_cache
from pathlib import Path
from typing import NamedTuple

from engine.errors import GrammarError, ModelError, UsageError, nearest
from engine.grammar.derive import derive
from engine.grammar.load import load_grammar, table_name
from engine.grammar.model import BAR, Grammar
from engine.grammar.tree import Node
from engine.models import tables
from engine.plan.lengths import bounds, draw_bars, nudged, pace_of
from engine.plan.shape import changes, energies, players, shifts
from engine.song import KINDS, Request, Section
from engine.stream import Stream
from engine.style.model import Style

MOST_SECTIONS = 32
UNUSED = ("odd-", "loose-")  # rules that understand songs but do not write them
ENDS = "end"
AS_REQUESTED = "as-requested"
LOOP = "loop"
LOOPED = {"verse": 4, "chorus": 4, "bridge": 1, "solo": 1}  # kinds of section that a loop may be, and how often
_USUAL = 98  # bars of a song: the median of RS200 and Billboard
_HEAD = 40  # of these, about what comes before the first chance to end
_TILTS = (4, 8, 16, 32, 50, 70, 100, 150, 200, 300, 500, 800)


class Form(NamedTuple):
    """The sections of a song, their derivation, and the tempo (which may have given way to the length)."""

    sections: tuple[Section, ...]
    tree: Node
    tempo: int


def plan_form(style: Style, request: Request, tempo: int) -> Form:
    """Return the form that a request asks for, or that its seed derives, in a style at a tempo.

    Raises UsageError for a form that cannot be, or cannot last what was asked; GrammarError for a grammar at fault.
    """
    stream = Stream.of(request.seed).at("form")
    grammar = load_grammar(style.form, style.models)
    if request.loop_bars is not None:
        return _loop(style, request, request.loop_bars, tempo, stream.at("loop"), next(iter(grammar.starts)))
    low, high = bounds(style, request, tempo)
    if request.form is None:
        pace = pace_of(style, tempo)
        least, most = int(low / pace), int(high / pace)
        own = tuple((kind, tuple(sorted(table.items()))) for kind, table in sorted(style.bars.items()))
        usual, ends = _usual(grammar, tuple(sorted(style.grammar_weights.items())), own, _tilt(least, most))
        # What the lengths can still mend: they may come to half as much again as usual, or less by a fifth.
        until, enough = least * BAR * 2 // 3, most * BAR * 5 // 4
        place = stream.at("structure")
        tree = derive(usual, next(iter(grammar.starts)), None, place, late=ends, until=until, enough=enough)
    else:
        tree = _requested(grammar, request.form)
    kinds = [leaf.symbol for leaf, _ in tree.leaves()]
    _check(kinds, grammar)
    names = _materials(tree, _recall(style, grammar), stream.at("recall"))
    bars = draw_bars(tree, names, grammar, (low, high), style, request, tempo, stream.at("bars"))
    tree = tree.with_leaf_lengths(iter([n * BAR for n in bars]))
    if request.length and not request.tempo:
        tempo = nudged(tempo, sum(bars), style, request.length)
    return Form(_sections(kinds, names, bars, style, request, stream), tree, tempo)


def _loop(style: Style, request: Request, bars: int, tempo: int, stream: Stream, start: str) -> Form:
    """Return a form of one section, which goes round: nothing comes to an end in it."""
    kind = request.form[0] if request.form else stream.at("kind").pick(tuple(LOOPED), tuple(LOOPED.values()))
    (section,) = _sections((kind,), (kind,), (bars,), style, request, stream)
    leaf = Node(kind, 0, bars * BAR, share=kind)
    return Form((replace(section, change=""),), Node(start, 0, bars * BAR, LOOP, (leaf,)), tempo)


def _tilt(low: int, high: int) -> int:
    """Return by what percentage the rules that end a song weigh more, or less, for a song of so many bars."""
    wanted = min(max(_USUAL, low), high)
    exact = 100 * (_USUAL - _HEAD) // max(wanted - _HEAD, 1)
    # In few steps, so that few grammars are made.
    return min(_TILTS, key=lambda tilt: abs(tilt - exact))


@lru_cache(maxsize=64)
def _usual(
    grammar: Grammar,
    style: tuple[tuple[str, int], ...],
    bars: tuple[tuple[str, tuple[tuple[int, int], ...]], ...],
    tilt: int,
) -> tuple[Grammar, frozenset[str]]:
    """Return the grammar to write by, every section as long as usual, and the labels of rules that end a song."""
    ends = frozenset(label for label in grammar.labels if label == ENDS or label.startswith(f"{ENDS}-"))
    percent = {label: 0 for label in grammar.labels if label.startswith(UNUSED)}
    own = {key.partition(".")[2]: value for key, value in style if key.startswith("form.")}
    told = {kind: tuple((number * BAR, weight) for number, weight in table) for kind, table in bars}
    lengths = {kind: ((_mean(told.get(kind, table)), 1),) for kind, table in grammar.lengths.items()}
    weighed = grammar.reweigh(percent | own).reweigh(dict.fromkeys(ends, tilt))
    return replace(weighed, lengths=lengths, like=None), ends


def _mean(table: Sequence[tuple[int, int]]) -> int:
    return max(sum(n * w for n, w in table) // sum(w for _, w in table) // BAR, 1) * BAR


def _requested(grammar: Grammar, kinds: Sequence[str]) -> Node:
    """Return the likeliest derivation of a form asked for, or a node that says it was asked for."""
    if len(kinds) > MOST_SECTIONS:
        raise UsageError(f"form of {len(kinds)} sections: expected at most {MOST_SECTIONS}")
    for number, kind in enumerate(kinds, 1):
        if kind not in KINDS:
            raise UsageError(f'form: "{kind}" (section {number}) is no kind of section', nearest(kind, KINDS))
    return _parsed(grammar, tuple(kinds))


@lru_cache(maxsize=64)
def _parsed(grammar: Grammar, kinds: tuple[str, ...]) -> Node:
    # Imported here: only a form that was asked for is parsed.
    from engine.grammar.best import best
    from engine.grammar.inside import Inside
    from engine.grammar.parse import parse, tokens, untimed

    start = next(iter(grammar.starts))
    try:
        forest = parse(Inside(untimed(grammar)), start, tokens(kinds))
    except GrammarError:
        forest = None
    if forest is not None:
        tree = best(forest, grammar)
        if not any(label.startswith("loose-") for label in _labels(tree)):
            return tree
    leaves = tuple(Node(kind, at, 1, share=kind) for at, kind in enumerate(kinds))
    return Node(start, 0, len(kinds), AS_REQUESTED, leaves)


def _labels(tree: Node) -> set[str]:
    return {tree.label}.union(*(_labels(child) for child in tree.children))


def _check(kinds: Sequence[str], grammar: Grammar) -> None:
    for kind in kinds:
        if kind not in KINDS:
            raise GrammarError(
                f'grammar {grammar.name} derives "{kind}", which is no kind of section', nearest(kind, KINDS)
            )
    if not kinds:
        raise GrammarError(f"grammar {grammar.name} derives a song without sections")


def _materials(tree: Node, recall: tuple[int, int], stream: Stream) -> list[str]:
    """Return the name of each section's material: the same where the tree shares it.

    The first material of a kind has the kind's name, the next is "verse-b". Interludes may bring back the intro.
    """
    known: dict[tuple[object, ...], str] = {}
    counts: dict[str, int] = {}
    found = []
    back = bool(sum(recall)) and stream.pick((False, True), recall)
    for leaf, trail in tree.leaves():
        key: tuple[object, ...] = (leaf.symbol, leaf.share)
        if not leaf.share:
            # A leaf of its own inside something shared is the same leaf in each of its uses.
            above = next((node for node in reversed(trail) if node.share), None)
            key = (leaf.symbol, above.share, leaf.start - above.start) if above else (leaf.symbol, leaf.start, "own")
        if leaf.symbol == "interlude" and back and "intro" in found:
            known.setdefault(key, "intro")
        if key not in known:
            counts[leaf.symbol] = number = counts.get(leaf.symbol, 0) + 1
            known[key] = leaf.symbol if number == 1 else f"{leaf.symbol}-{chr(96 + min(number, 26))}"
        found.append(known[key])
    return found


@lru_cache(maxsize=16)
def _recall_of(models: str, name: str) -> tuple[int, int]:
    try:
        own, back = tables.load(models, name).arrays["recall"].tolist()
    except (ModelError, KeyError):
        return 1, 0
    return own, back


def _recall(style: Style, grammar: Grammar) -> tuple[int, int]:
    return _recall_of(style.models, table_name(Path(grammar.name)))


def _sections(
    kinds: Sequence[str],
    names: Sequence[str],
    bars: Sequence[int],
    style: Style,
    request: Request,
    stream: Stream,
) -> tuple[Section, ...]:
    levels = energies(kinds, style, stream.at("energy"))
    changed = changes(kinds, stream.at("changes"))
    # Chords that were asked for stay as they were.
    moved = [0] * len(kinds) if request.chords else shifts(kinds, style, stream.at("shifts"))
    found: list[Section] = []
    at = 0
    for place, kind in enumerate(kinds):
        name = f"{kind}/{kinds[: place + 1].count(kind)}"
        section = Section(name, kind, names[place], at, bars[place], levels[place], changed[place], shift=moved[place])
        found.append(replace(section, players=players(section, style, request.bridge_melody)))
        at += bars[place]
    return tuple(found)
