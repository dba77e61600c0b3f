"""The prediction of several viewpoints at once: long-term counts, the song's own memory, learnt weights.

    cost(x) = sum_j w_j(trust_j, selectors) * cost_j(x)  +  sum_e worth_e(state_e(x))
    P(x) = 2**-cost(x) / sum over all x

The first sum runs over long-term chains (engine.models.backoff), each weighed by how well it knows the
place; the second over memories of this song (engine.models.memory), each adding what its state for x
has proved to be worth. Hidden states of the song (engine.models.hidden) may stand beside the chains. A mixture
with recalls (engine.models.recall) has two storeys: chains and hidden states alone make a mixture, the ground, on
which the recalls stand; ground and recalls then take the place of the chains in the first sum.
Weights are fitted by engine.train.fit_mixture on songs the counts have not seen.
All is whole numbers: costs of 1/256 bit, weights of 1/256, rows of 65,536.

Sources: Pearce, The construction and evaluation of statistical models of melodic structure (2005), for
long- and short-term models combined geometrically; Mahoney, Adaptive weighing of context models for
lossless data compression (2005), for weights learnt by gradient and picked by small contexts.

To fit and to use one:

    space = Space(events=12, sizes={"x1": 13, "x2": 13, "chord": 49})
    plan = Design(long=(View(("x1", "x2")), View(("chord", "x1"))), short=(View(("x1",)), View(("x1", "x2"))))
    mixture = fit_mixture.fit(space, plan, columns, events, songs).mixture    # engine.train.fit_mixture
    memory = mixture.remember(columns_so_far, events_so_far)                  # () for an empty memory
    weights = mixture.rows({"x1": ..., "x2": ..., "chord": ...}, memory)      # (places, 12), sums of 65,536

``columns`` maps each name to whole numbers, one a place: what is known before the event at that place. When
sampling, give one place for every state of the sampler (every pair of last notes, say).
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from engine.chain.costs import row, weights
from engine.models.backoff import Backoff, Level
from engine.models.hidden import Cycle, Expert, Syntax
from engine.models.memory import Codes, Memory, running
from engine.models.recall import Likeness, Recall, log2
from engine.models.tables import Table
from engine.models.viewpoints import Columns, Ints, Space, Target, View

ONE = 256  # a weight of 1
CERTAIN = 16 * 256  # log2 of a whole row, in 1/256 bit


class Design(NamedTuple):
    """What a mixture is made of.

    long: views with long-term counts. short: views with memory. selectors: columns that pick weights.
    recall: how places of the song are compared. hidden: states or derivations that a song goes through; with either
    a mixture predicts whole songs only.
    """

    long: tuple[View, ...] = ()
    short: tuple[View, ...] = ()
    selectors: tuple[str, ...] = ()
    recall: tuple[Likeness, ...] = ()
    hidden: tuple[Cycle | Syntax, ...] = ()


class Mixture(NamedTuple):
    """A fitted mixture.

    trust: for each chain and hidden model (or the ground and each recall) the weight by its trust, in 1/256, shape
    (trusts,).
    select: for each selector what it adds to those weights, shape (values, chains).
    worth: for each memory the cost of each state, shape (states,).
    ground, recalls: the mixture of the chains alone and what stands on it, when the design asks for recall.
    hidden: the fitted hidden states.
    """

    space: Space
    design: Design
    chains: tuple[Backoff, ...]
    trust: tuple[Ints, ...]
    select: tuple[Ints, ...]
    worth: tuple[Ints, ...]
    ground: Mixture | None = None
    recalls: tuple[Recall, ...] = ()
    hidden: tuple[Expert, ...] = ()

    def remember(self, columns: Columns, events: Ints) -> tuple[Memory, ...]:
        """Return the memories after a stretch of this song: its events with their columns."""
        return tuple(Memory.of(self.space, view, columns, events) for view in self.design.short)

    def rows(self, columns: Columns, memories: Sequence[Memory] = ()) -> Ints:
        """Return the weights of all events at many places at once, shape (places, events), rows of 65,536.

        memories: as ``remember`` returned them; none leaves the long-term counts alone. For designs without recall and
        hidden states.
        """
        count = max((len(values) for values in columns.values()), default=1)
        codes = [memory.look(self.space, columns, count) for memory in memories]
        experts = [chain.look(self.space, columns, count) for chain in self.chains]
        return row(weights(self._costs(columns, experts, codes, count)))

    def running_rows(self, columns: Columns, events: Ints, songs: Ints) -> Ints:
        """Return the weights before each event of whole songs, each remembered from its first event on.

        songs: the number of the song of each event, in order. Shape (events in all, events), rows of 65,536.
        """
        count = len(events)
        codes = [running(self.space, view, columns, events, songs) for view in self.design.short]
        if self.ground is None:
            experts = [chain.look(self.space, columns, count) for chain in self.chains]
            experts += [hidden.look(self.space, columns, events, songs) for hidden in self.hidden]
        else:
            base = CERTAIN - log2(self.ground.running_rows(columns, events, songs))
            experts = [recall.look(self.space, columns, events, songs, base) for recall in self.recalls]
            experts = [(base, experts[0][1]), *experts]
        return row(weights(self._costs(columns, experts, codes, count)))

    def _costs(
        self, columns: Columns, experts: Sequence[tuple[Ints, Ints]], codes: Sequence[Codes], count: int
    ) -> Ints:
        total = np.zeros((count, self.space.events), dtype=np.int64)
        for number, (costs, trust) in enumerate(experts):
            weight = self.trust[number][trust]
            for name, select in zip(self.design.selectors, self.select, strict=True):
                weight = weight + select[columns[name], number]
            total += (weight[:, None] * costs) >> 8
        for worth, code in zip(self.worth, codes, strict=False):
            total += worth[code]
        least: Ints = total.min(axis=1, keepdims=True)
        return total - least

    def table(self, header: dict[str, Any]) -> Table:
        """Return the mixture as a table to be saved; ``header`` as engine.models.tables.header makes it.

        For designs without recall and hidden states.
        """
        arrays: dict[str, NDArray[Any]] = {}
        for name, target in self.space.targets.items():
            arrays[f"target_{name}"] = target.table.astype(np.int16)
        for number, chain in enumerate(self.chains):
            arrays[f"trust_{number}"] = self.trust[number].astype(np.int16)
            for length, level in enumerate(chain.levels):
                for name, array in level._asdict().items():
                    arrays[f"chain_{number}_{length}_{name}"] = array
        for number, select in enumerate(self.select):
            arrays[f"select_{number}"] = select.astype(np.int16)
        for number, worth in enumerate(self.worth):
            arrays[f"worth_{number}"] = worth.astype(np.int16)
        shape = {
            "events": self.space.events,
            "sizes": dict(self.space.sizes),
            "targets": {name: target.column for name, target in self.space.targets.items()},
            "long": [[list(view.columns), view.target] for view in self.design.long],
            "short": [[list(view.columns), view.target] for view in self.design.short],
            "selectors": list(self.design.selectors),
        }
        return Table({**header, "mixture": shape}, arrays)

    @classmethod
    def of(cls, table: Table) -> Mixture:
        """Return the mixture that ``table`` saved."""
        shape, arrays = table.header["mixture"], table.arrays

        def wide(name: str) -> Ints:
            return arrays[name].astype(np.int64)

        targets = {name: Target(column, wide(f"target_{name}")) for name, column in shape["targets"].items()}
        long, short = (tuple(View(tuple(names), goal) for names, goal in shape[key]) for key in ("long", "short"))
        chains = []
        for number, view in enumerate(long):
            parts = [f"chain_{number}_{length}" for length in range(len(view.columns) + 1)]
            levels = (Level(wide(f"{at}_keys"), arrays[f"{at}_costs"], arrays[f"{at}_trust"]) for at in parts)
            chains.append(Backoff(view, tuple(levels)))
        return cls(
            Space(shape["events"], shape["sizes"], targets),
            Design(long, short, tuple(shape["selectors"])),
            tuple(chains),
            tuple(wide(f"trust_{number}") for number in range(len(long))),
            tuple(wide(f"select_{number}") for number in range(len(shape["selectors"]))),
            tuple(wide(f"worth_{number}") for number in range(len(short))),
        )
