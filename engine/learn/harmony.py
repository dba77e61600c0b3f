"""The chords of a learnt style: the parent's dialects, each refitted on the songs that speak it.

Every sampled song goes to the dialect of its mode that expects it most; each dialect's rules are then found again by
inside-outside with the parent's weights as prior (a maximum a posteriori fit), and dialects are weighed by who
speaks them.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from fractions import Fraction
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from engine.grammar.expect import refit
from engine.grammar.load import load_grammar
from engine.grammar.model import Grammar, whole_weights
from engine.learn.counts import Kept
from engine.models.harmony import MODES, model
from engine.models.tables import Table
from engine.style.model import Style
from engine.train.chord_lines import Line, Reading
from engine.train.dialects import Examples, read_examples, song_bits
from engine.train.fit_harmony import KEPT, borrowed, colours, frozen

SONGS = 160  # that grammars are fitted to; parsing more takes long and changes little
STRENGTH = 10.0  # uses of a symbol that the parent's weights are worth
SPEAKERS = 16  # songs that the parent's weights of dialects are worth
_ROUNDS = 3
_COLOURS, _BORROWED = 6, 20  # songs that the parent's rows are worth
_FAINT = 40  # rules the parent never uses in a dialect begin with so small a share of all songs' weight


class Learnt(NamedTuple):
    """The table "harmony", how many songs and sections it was fitted on, and what share of it is the style's own."""

    table: Table
    songs: int
    sections: int
    share: float


def learn_harmony(parent: Table, style: Style, kept: Sequence[Kept]) -> Learnt:
    """Return the harmony of a sample of songs over the parent's.

    style: the parent. What it weighs its rules by is in the weights that are learnt, so the learnt style leaves it out.
    kept: as ``tally`` keeps songs.
    """
    songs = [song for item in kept[:SONGS] if (song := _reading(item)).lines]
    shape = load_grammar(style.harmony, "")
    examples = read_examples(shape, songs)
    pooled = load_grammar(style.harmony, style.models)
    percent = percents(style)
    # A style's own rules have labels that no table knows: they weigh in every dialect what they weigh in the style.
    usual = {rule.label: rule.weight for rule in pooled.all_rules()}
    known = [{**usual, **weights} for weights in model(style.models).weights]
    dialects = [{label: _weighed(row[label], percent.get(label, 100)) for label in row} for row in known]
    labels = [*parent.header["labels"], *sorted(usual.keys() - set(parent.header["labels"]))]
    weights = np.array([[row[label] for label in labels] for row in dialects], dtype=np.int64)
    spoken = parent.arrays["dialect_weights"].astype(np.int64)
    found = np.zeros(spoken.shape, dtype=np.int64)
    for row, mode in enumerate(MODES):
        own = [number for number, song in enumerate(songs) if song.mode == mode and examples.of([number])]
        numbers = np.flatnonzero(spoken[row])
        shares = spoken[row, numbers]
        mine = np.zeros(len(numbers))
        if own:
            priors = [_prior(pooled, dialects[k]) for k in numbers]
            never = frozenset(label for label, weight in percent.items() if not weight)
            mine = _speak(priors, shares, examples, own, weights, numbers, labels, mode, never)
        found[row, numbers] = np.rint(100 * (SPEAKERS * shares / max(shares.sum(), 1) + mine))
    sections = len(examples.lines)
    heard = len({examples.owners[number] for number in range(sections)})
    numerals = parent.header["numerals"]
    arrays: dict[str, NDArray[Any]] = {
        **parent.arrays,
        "dialects": weights.astype(np.int32),
        "dialect_weights": found.astype(np.int32),
        "colours": _over(parent.arrays["colours"], 100 * _plain_less(colours(songs, numerals)), _COLOURS),
        "borrow": _over(parent.arrays["borrow"], borrowed(songs)[1] - 100, _BORROWED),
    }
    return Learnt(Table({**parent.header, "labels": labels}, arrays), heard, sections, heard / (heard + SPEAKERS))


def percents(style: Style) -> dict[str, int]:
    """Return what a style weighs rules of harmony by, in percent, by label."""
    named = {label.partition("."): percent for label, percent in style.grammar_weights.items()}
    return {label: percent for (grammar, _, label), percent in named.items() if grammar == "harmony"}


def _weighed(weight: int, percent: int) -> int:
    return max(weight * percent // 100, 1) if weight and percent else 0


def _speak(
    priors: Sequence[Grammar],
    shares: NDArray[np.int64],
    examples: Examples,
    own: Sequence[int],
    weights: NDArray[np.int64],
    numbers: NDArray[np.int64],
    labels: Sequence[str],
    mode: str,
    never: frozenset[str],
) -> NDArray[np.float64]:
    # Sort the songs of a mode into dialects, refit those that are spoken, without the rules that the parent forbids
    # (never); return how many songs speak each.
    spoken = np.argmin(song_bits(priors, shares.tolist(), examples, own), axis=1)
    for k in sorted(set(spoken.tolist())):
        rows = examples.of([song for song, dialect in zip(own, spoken.tolist(), strict=True) if dialect == k])
        expect = examples.expect.only(rows)
        grammar = priors[k]
        for _ in range(_ROUNDS):
            grammar = refit(grammar, priors[k], expect.counts(grammar), STRENGTH, examples.expect.shape)
        kept = frozen(grammar, mode) | dict.fromkeys(never, 0)
        # Rules that the style's own took the place of stay as they were.
        weights[numbers[k]] = [kept.get(label, was) for label, was in zip(labels, weights[numbers[k]], strict=True)]
    return np.bincount(spoken, minlength=len(priors)).astype(np.float64)


def _prior(pooled: Grammar, weights: Mapping[str, int]) -> Grammar:
    # A dialect as it was before the parts that only explain were taken out of it.
    found: dict[str, int] = {}
    usual = {rule.label: rule.weight for rule in pooled.all_rules()}
    for group in pooled.rules.values():
        given = [
            Fraction(weights.get(rule.label, 0) * 100, KEPT.get(rule.label, 100) or 100)
            or Fraction(usual[rule.label], _FAINT)
            for rule in group
        ]
        found.update(zip((rule.label for rule in group), whole_weights(given), strict=True))
    return pooled.with_weights(found)


def _reading(item: Kept) -> Reading:
    value: Any = item.value
    lines = tuple(Line(kind, tuple(halves.split(" "))) for kind, halves in value["lines"])
    full = tuple(numeral for numeral, count in value["full"] for _ in range(count))
    return Reading("heard", item.hash, value["mode"], lines, full)


def _plain_less(counts: NDArray[Any]) -> NDArray[Any]:
    # ``colours`` begins with one song in which every chord is plain.
    found: NDArray[Any] = counts.copy()
    found[:, :, 0] -= 1
    return found


def _over(parent: NDArray[Any], own: NDArray[Any], songs: int) -> NDArray[np.int32]:
    # Rows (the last axis) of the parent worth so many songs, and counts in hundredths of a song over them.
    total = np.maximum(parent.sum(axis=-1, keepdims=True), 1)
    return np.asarray(np.rint(parent / total * songs * 100 + own), dtype=np.int32)
