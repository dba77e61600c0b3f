"""Fits a grammar to event files, and asks it what it expects: the form of songs as ``compose`` derives it."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

import numpy as np

from engine.grammar.expect import Expect
from engine.grammar.load import find, parse_grammar, read
from engine.grammar.model import BAR, Grammar
from engine.grammar.prefix import END, Prefix
from engine.models.hidden import TRUSTS, Syntax
from engine.models.recall import spans
from engine.models.viewpoints import Columns, Ints, Space
from engine.train.fit_form import ROUNDS, STRENGTH

_FLOOR = 0.02  # the share of all events alike


class Derived(NamedTuple):
    """A fitted grammar that foretells events; see engine.models.hidden.Expert."""

    syntax: Syntax
    grammar: Grammar

    def look(self, space: Space, columns: Columns, events: Ints, songs: Ints) -> tuple[Ints, Ints]:
        """Return (costs, trust) before each event of many songs, shapes (places, events) and (places,).

        Trust is 0 where the song has no derivation, and else tells how sure the grammar is of it.
        """
        prefix = Prefix(self.grammar)
        chances = np.full((len(events), space.events), 1 / space.events)
        trust = np.zeros(len(events), dtype=np.int64)
        for start, end in spans(songs):
            labels = [self.syntax.terminals[event] for event in events[start:end].tolist()]
            for place, expected in enumerate(prefix.expect(self.syntax.start, labels), start):
                if expected is not None:
                    row = [expected.chances.get(terminal, 0.0) for terminal in self.syntax.terminals]
                    chances[place] = (1 - _FLOOR) * np.array(row) + _FLOOR / space.events
                    trust[place] = 1 + int(expected.sure * (TRUSTS - 2))
        return np.rint(-256 * np.log2(chances)).astype(np.int64), trust


class Songs:
    """Songs packed for a grammar once, to be fitted on some of them or all."""

    def __init__(self, syntax: Syntax, events: Ints, songs: Ints) -> None:
        path = find(syntax.grammar)
        self._syntax = syntax
        self._prior = parse_grammar(read(path), path.name)
        self.numbers = [int(songs[start]) for start, _ in spans(songs)]
        examples = [_sentence(syntax, events[start:end].tolist()) for start, end in spans(songs)]
        self._whole = [number for number, example in zip(self.numbers, examples, strict=True) if example]
        self._every = Expect(
            self._prior,
            [(syntax.start, tuple((label, BAR) for label in example)) for example in examples if example],
            labels_only=True,
        )

    def fit(self, without: frozenset[int] = frozenset()) -> Derived:
        """Return the grammar with the weights that these songs teach, some left out by number."""
        kept = [k for k, number in enumerate(self._whole) if number not in without]
        return Derived(self._syntax, self._every.only(kept).fit(self._prior, ROUNDS, STRENGTH))


def _sentence(syntax: Syntax, events: Sequence[int]) -> tuple[str, ...]:
    # The labels of a song that ends once, at its end; of others nothing is learnt.
    labels = [syntax.terminals[event] for event in events]
    return tuple(labels[:-1]) if labels[-1] == END and END not in labels[:-1] else ()
