"""What was learnt of harmony: dialects, what borrows chords from what, what comes again, and colours."""

from __future__ import annotations

from collections.abc import Mapping
from functools import lru_cache
from typing import NamedTuple

from engine.models import tables

MODES = ("major", "mixolydian", "minor", "dorian")
# The qualities that colour a triad; the first is the plain one.
COLOURS = {True: ("min", "min7", "min9"), False: ("maj", "7", "maj7", "sus4", "sus2", "add9")}
OWN = "own"
# From its beginning (again and again, where it is shorter), its end, or its first four bars again and again.
BORROWED = ("verse-head", "verse-tail", "verse-loop", "chorus-head", "chorus-tail", "chorus-loop")
# Parts of at least so many bars come again with a chance of their own.
SPANS = (2, 4, 8, 16)


class Model(NamedTuple):
    """What was learnt of harmony.

    weights: of each dialect, by label of the rule. dialects: weight of each dialect, by mode. borrow: weight
    of each of (OWN, *BORROWED), by kind. colours: weights of the qualities of COLOURS, by (mode, plain numeral).
    again: for each of SPANS, in 65,536ths, the chance that a part is one of the verse's or the chorus's.
    """

    weights: tuple[Mapping[str, int], ...]
    dialects: Mapping[str, tuple[int, ...]]
    borrow: Mapping[str, tuple[int, ...]]
    colours: Mapping[tuple[str, str], tuple[int, ...]]
    again: tuple[int, ...]


@lru_cache(maxsize=8)
def model(models: str) -> Model:
    """Return what a set of models learnt of harmony; raises ModelError."""
    table = tables.load(models, "harmony")
    labels, arrays = table.header["labels"], table.arrays
    return Model(
        tuple(dict(zip(labels, row, strict=True)) for row in arrays["dialects"].tolist()),
        dict(zip(MODES, map(tuple, arrays["dialect_weights"].tolist()), strict=True)),
        dict(zip(table.header["borrowers"], map(tuple, arrays["borrow"].tolist()), strict=True)),
        {
            (mode, numeral): tuple(row)
            for mode, block in zip(MODES, arrays["colours"].tolist(), strict=True)
            for numeral, row in zip(table.header["numerals"], block, strict=True)
        },
        tuple(arrays["again"].tolist()),
    )


def span_class(bars: int) -> int:
    """Return the class of SPANS that a length in bars belongs to, -1 for what is shorter."""
    return sum(bars >= least for least in SPANS) - 1
