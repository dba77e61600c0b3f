"""Fit the phrases: rule weights by kind of section from RS200's bars that come again, and windows of singing.

The grammar is fitted by inside-outside to one letter a bar, equal letters being bars that come again. A fresh
bar takes any letter with the same chance, so the chance of a section is that of its letters times the number of
ways to name them. What letters cannot show is counted apart and splits the weight of twin rules: how many
repeats keep the rhythm alone ("-vary"), how many second lines take up the first one's rhythm ("answer"), how
many lines go on across the middle of four bars ("four") or stop within two ("short-...").
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from itertools import pairwise
from math import log2
from pathlib import Path
from typing import NamedTuple

import numpy as np

from engine.grammar.expect import Expect, refit
from engine.grammar.load import compiled, load_grammar
from engine.grammar.model import BAR, Grammar, Item, Length, Rule
from engine.models.tables import Table, header
from engine.plan.phrases import EARLIEST, OVER, SHAPES, START
from engine.train.base import DATE, Fitted, Score, Tell, held_out
from engine.train.corpora import rs200
from engine.train.lines_again import tables, takes
from engine.train.sung_lines import LETTERS, REST, Pair, Sung, is_again, is_answer, is_same, read_sung
from engine.train.sung_notes import LEAST, sung

NAME = "rock-phrases"
_ROUNDS, _STRENGTH, _SHAPE_STRENGTH = 8, 10.0, 8.0
_LATEST = 36  # slots after EARLIEST + this are not counted
_LONG = 16  # bars; longer sections are left out of the parse
_LINES = ("line", "answer")


class Shares(NamedTuple):
    """What letters do not show, in shares of one.

    vary: of repeats, those of rhythm alone. answer: of second lines that are new, those that take up the
    first one's rhythm. four: of lines, those that go on over the middle of four bars. short: of two bars with
    something sung in both, those that stop in between.
    """

    vary: float
    answer: float
    four: float
    short: float


# Share of what was counted that is kept of lines of one bar: in one section lines of one length go together, which
# the grammar does not know.
_SHORT = 0.5


def fit(data: Path, tell: Tell) -> Fitted:
    """Return the table "phrases" and how well it predicts the letters of bars in unseen songs."""
    prior = load_grammar(NAME, "")
    sections = read_sung(data)
    spelled = spell(prior)
    usable = [s for s in sections if len(s.letters) <= _LONG]
    tell(f"{len(sections)} sung sections; parsing {len(usable)}")
    expect = Expect(spelled, [(START, [(letter, BAR) for letter in s.letters]) for s in usable])
    kept = [k for k, parsed in enumerate(expect.parsed) if parsed]
    seen = [k for k in kept if not held_out(usable[k].work)]
    unseen = [k for k in kept if held_out(usable[k].work)]
    shapes = learn(spelled, usable, expect, seen)
    bits = sum(
        (b or 0.0) - namings(usable[k].letters)
        for shape in SHAPES
        for own in [[k for k in unseen if shape_of(usable[k].kind) == shape]]
        for k, b in zip(own, expect.only(own).bits(shapes[shape]), strict=True)
    )
    bars = sum(len(usable[k].letters) for k in unseen)
    bigram = _bigram([usable[k].letters for k in seen], [usable[k].letters for k in unseen])
    tell("learning from all songs")
    shapes = learn(spelled, usable, expect, kept)
    shares = {
        shape: shares_of([s for s in sections if shape == "other" or shape_of(s.kind) == shape]) for shape in SHAPES
    }
    learnt = {shape: split(prior.with_weights(weights_of(shapes[shape])), shares[shape]) for shape in SHAPES}
    about = "; ".join(f"{k}: {', '.join(f'{n} {v:.2f}' for n, v in s._asdict().items())}" for k, s in shares.items())
    tell(about)
    score = Score("phrases", "bar", bars, bits / bars, bigram / bars)
    found = table(prior, learnt, sections, about)
    songs = [(song, notes) for song in rs200.read(data) if len(notes := sung(song)) >= LEAST]
    outcomes, apart = tables([list(takes(song, notes)) for song, notes in songs])
    found.arrays.update(outcomes=outcomes.astype(np.int32), apart=apart.astype(np.int32))
    return Fitted({"phrases": found}, (score,))


def spell(grammar: Grammar) -> Grammar:
    """Return the grammar with every line spelled in letters, a bar each, so that letters can be parsed."""
    bar = Length(0, 1, BAR)
    rules = {
        name: tuple(
            Rule(name, f"{name} of {bars}", 1, tuple(Item("sub", "Bar", bar) for _ in range(bars)), ((n, n),))
            for bars in (1, 2, 3, 4)
            for n in [bars * BAR]
        )
        for name in _LINES
    }
    letters = tuple(Rule("Fresh", f"fresh {letter}", 1000, (Item("sub", letter, bar),)) for letter in LETTERS)
    bars = tuple(Rule("Bar", f"bar {name}", 1000, (Item("sub", name, bar),)) for name in ("Fresh", REST))
    return replace(
        grammar,
        rules={**grammar.rules, **rules, "Bar": bars, "Fresh": letters},
        terminals=frozenset((*LETTERS, REST)),
    )


def namings(letters: Sequence[str]) -> float:
    """Return log2 of the number of ways in which the fresh bars of a section can be named."""
    return sum(log2(len(LETTERS) - k) for k in range(len(set(letters) - {REST})))


def shape_of(kind: str) -> str:
    """Return the shape that a kind of section belongs to."""
    return kind if kind in SHAPES else "other"


def learn(spelled: Grammar, sections: Sequence[Sung], expect: Expect, numbers: Sequence[int]) -> dict[str, Grammar]:
    """Return the fitted grammar of each shape; "other" is that of all sections."""
    pooled = _refit(spelled, spelled, expect.only(numbers), _STRENGTH)
    found = {}
    for shape in SHAPES:
        own = [k for k in numbers if shape_of(sections[k].kind) == shape]
        found[shape] = pooled if shape == "other" else _refit(pooled, pooled, expect.only(own), _SHAPE_STRENGTH)
    return found


def _refit(start: Grammar, prior: Grammar, expect: Expect, strength: float) -> Grammar:
    even = {rule.label: rule.weight for rule in prior.rules["Fresh"]}
    for _ in range(_ROUNDS):
        start = refit(start, prior, expect.counts(start), strength, prior).with_weights(even)
    return start


def weights_of(grammar: Grammar) -> dict[str, int]:
    """Return the weights by label."""
    return {rule.label: rule.weight for rule in grammar.all_rules()}


def shares_of(sections: Iterable[Sung]) -> Shares:
    """Count what letters do not show."""
    same = varied = answers = fresh = whole = crossed = short = both = 0
    for section in sections:
        for k, letter in enumerate(section.letters):
            first = section.letters.index(letter)
            if letter != REST and first < k:
                same += is_same(section.bars[first], section.bars[k])
                varied += not is_same(section.bars[first], section.bars[k])
        for a, b in pairwise(range(0, len(section.letters) - 1, 2)):
            one, two = section.bars[a], section.bars[b]
            if one.notes and two.notes and not is_again(one, two):
                fresh += 1
                answers += is_answer(one, two)
        for k, pair in enumerate(section.pairs):
            if pair.span is None:
                continue
            wide = pair.span[0] < 8 and pair.span[1] >= 20
            both += wide
            short += wide and pair.middle >= 8
            after = section.pairs[k + 1] if k % 2 == 0 and k + 1 < len(section.pairs) else None
            if after is not None and after.span is not None:
                whole += 1
                # The wait from one line to the next is no longer than those within lines.
                crossed += 32 + after.span[0] - pair.span[1] <= 5
    return Shares(
        varied / max(same + varied, 1), answers / max(fresh, 1), crossed / max(whole, 1), _SHORT * short / max(both, 1)
    )


def split(grammar: Grammar, shares: Shares) -> dict[str, int]:
    """Return the weights by label, those of twin rules shared out as counted."""
    weights = weights_of(grammar)

    def share(labels: Sequence[str], parts: Sequence[float]) -> None:
        total = sum(weights[label] for label in labels)
        for label, part in zip(labels, parts, strict=True):
            weights[label] = max(round(total * part), 1)

    for label in list(weights):
        if f"{label}-vary" in weights:
            share((label, f"{label}-vary"), (1 - shares.vary, shares.vary))
    plain = 1 - shares.answer
    share(("short-ab", "short-answer"), (plain, shares.answer))
    share(("two", "short-ab", "short-answer"), (1 - shares.short, shares.short * plain, shares.short * shares.answer))
    rest = 1 - shares.four
    share(("four", "pair-ab", "pair-answer"), (shares.four, rest * plain, rest * shares.answer))
    return weights


def table(prior: Grammar, learnt: Mapping[str, Mapping[str, int]], sections: Sequence[Sung], about: str) -> Table:
    """Return everything that composing needs of phrases as one table."""
    labels = [rule.label for rule in prior.all_rules()]
    entries, arrays = compiled(prior, prior.with_weights(learnt["other"]))
    head = header(
        corpus="RS200",
        licence="CC BY 4.0",
        command="hookline train rock",
        date=DATE,
        about=f"rule weights of phrases and windows of singing; {about}",
        labels=labels,
        **entries,
    )
    pairs = [(shape_of(section.kind), pair, section) for section in sections for pair in section.pairs]
    arrays |= {
        "shapes": np.array([[learnt[shape][label] for label in labels] for shape in SHAPES], np.int32),
        "first": _firsts(pairs),
        "last": _lasts([pair for _, pair, _ in pairs]),
        "same": np.array([_same(sections)], np.int32),
        "silent": _silent([pair for _, pair, _ in pairs]),
    }
    return Table(dict(head), arrays)


def _firsts(pairs: Sequence[tuple[str, Pair, Sung]]) -> np.ndarray:
    found = np.zeros((len(SHAPES), _LATEST), np.int32)
    for shape, pair, _ in pairs:
        if pair.span is not None and 0 <= pair.span[0] - EARLIEST < _LATEST:
            found[SHAPES.index("other"), pair.span[0] - EARLIEST] += 1
            if shape != "other":
                found[SHAPES.index(shape), pair.span[0] - EARLIEST] += 1
    return found


def _lasts(pairs: Sequence[Pair]) -> np.ndarray:
    found = np.zeros((_LATEST // 4, 32 + OVER - EARLIEST), np.int32)
    for pair in pairs:
        if pair.span is not None and 0 <= pair.span[0] - EARLIEST < _LATEST and pair.span[1] < 32 + OVER:
            found[(pair.span[0] - EARLIEST) // 4, pair.span[1] - EARLIEST] += 1
    return found


def _same(sections: Sequence[Sung]) -> int:
    """Return how many lines (of 65,536) begin where the one before did, beyond what chance would give."""
    starts = [[p.span[0] for p in section.pairs if p.span is not None] for section in sections]
    steps = [(a, b) for row in starts for a, b in pairwise(row)]
    shares = Counter(b for _, b in steps)
    chance = sum((count / len(steps)) ** 2 for count in shares.values())
    met = sum(a == b for a, b in steps) / len(steps)
    return round(65_536 * max(met - chance, 0) / (1 - chance))


def _silent(pairs: Sequence[Pair]) -> np.ndarray:
    found, empty = np.ones(4), np.zeros(4)
    for pair in pairs:
        found[pair.number % 4] += 1
        empty[pair.number % 4] += pair.span is None
    return np.rint(65_536 * empty / found).astype(np.int32)


def _bigram(train: Iterable[Sequence[str]], asked: Iterable[Sequence[str]]) -> float:
    counts: dict[str, Counter[str]] = defaultdict(Counter)
    for line in train:
        counts["<"][line[0]] += 1
        for a, b in pairwise(line):
            counts[a][b] += 1
    size = len({name for row in counts.values() for name in row})
    return sum(
        -log2((counts[a][b] + 1) / (sum(counts[a].values()) + size))
        for line in asked
        for a, b in pairwise(("<", *line))
    )
