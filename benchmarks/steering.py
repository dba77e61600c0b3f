"""What each knob of steering does: medians of the measures it names over many seeds.

python benchmarks/steering.py [--count 60] [--seed 1] [--knob energy]

Every row is a setting of one knob, the others left alone. The tables stand in docs/steering.md. "bits" of a temperature
are those of an event of the part under the untempered model, its rules included.
"""

from __future__ import annotations

import argparse
import os
import sys
from collections.abc import Iterator, Sequence
from concurrent.futures import ProcessPoolExecutor
from contextlib import contextmanager
from itertools import pairwise
from pathlib import Path
from typing import Any

for _name in ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS"):
    os.environ.setdefault(_name, "1")
sys.path.insert(0, str(Path(__file__).resolve().parent.parent))

# ruff: noqa: E402
import numpy as np

from engine import api, pipeline
from engine.chain import sampler, temperature
from engine.measure.steering import NAMED, steering_measures
from engine.parts import PLAYERS

AT = (0.0, 0.25, 0.5, 0.75, 1.0)
HEATS = (0.5, 1.0, 2.0, 4.0)


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--count", type=int, default=60, help="seeds")
    parser.add_argument("--seed", type=int, default=1, help="the first one")
    parser.add_argument("--knob", choices=[*NAMED, "temperature"], action="append")
    parser.add_argument("--style", default="rock")
    options = parser.parse_args()
    seeds = range(options.seed, options.seed + options.count)
    with ProcessPoolExecutor(os.cpu_count()) as pool:
        for knob in options.knob or [*NAMED, "temperature"]:
            tell(knob, *table(knob, seeds, options.style, pool.map))
    return 0


def table(
    knob: str, seeds: Sequence[int], style: str = "rock", apply: Any = map
) -> tuple[tuple[str, ...], dict[float, list[float]]]:
    """Return the names of the measures and, for each setting, their medians over the seeds."""
    if knob == "temperature":
        names, settings, measure = tuple(PLAYERS), HEATS, surprise
    else:
        names, settings, measure = NAMED[knob], AT, measured
    jobs = [(seed, knob, at, style) for at in settings for seed in seeds]
    rows = [[found[name.lstrip("-")] for name in names] for found in apply(measure, *zip(*jobs, strict=True))]
    blocks = np.array(rows).reshape(len(settings), len(seeds), len(names))
    return names, {at: np.nanmedian(block, axis=0).tolist() for at, block in zip(settings, blocks, strict=True)}


def measured(seed: int, knob: str, at: float, style: str) -> dict[str, float]:
    options: dict[str, Any] = {knob: at}
    return steering_measures(api.compose(style=style, seed=seed, **options))


def surprise(seed: int, knob: str, at: float, style: str) -> dict[str, float]:
    """Return the bits an event of each part at one temperature, as the untempered sampler sees them."""
    options: dict[str, Any] = {knob: at}
    with recorded() as bits:
        api.compose(style=style, seed=seed, **options)
    return {name: float(np.mean(found)) if found else np.nan for name, found in bits.items()}


@contextmanager
def recorded() -> Iterator[dict[str, list[float]]]:
    """Note the bits of every event that players draw, by part."""
    bits: dict[str, list[float]] = {name: [] for name in PLAYERS}
    playing: list[str] = []
    kind, players = sampler.Sampler, PLAYERS
    init, draw = kind.__init__, kind.draw

    def noted(self: Any, steps: Any, *rest: Any, **named: Any) -> None:
        self.untempered = (steps, rest, named)
        init(self, steps, *rest, **named)

    def drawn(self: Any, stream: Any) -> list[int]:
        events = draw(self, stream)
        if playing:
            steps, rest, named = self.untempered
            with temperature.heated(temperature.PLAIN):
                chances = kind(steps, *rest, **named).chances(events)
            bits[playing[-1]] += [float(np.log2(total / weight)) for weight, total in chances]
        return events

    def wrapped(name: str) -> Any:
        def play(plan: Any, section: Any) -> Any:
            playing.append(name)
            try:
                return players[name](plan, section)
            finally:
                playing.pop()

        return play

    kind.__init__, kind.draw = noted, drawn  # type: ignore[method-assign]
    vars(pipeline)["PLAYERS"] = {name: wrapped(name) for name in players}
    try:
        yield bits
    finally:
        kind.__init__, kind.draw = init, draw  # type: ignore[method-assign]
        vars(pipeline)["PLAYERS"] = players


def monotone(names: Sequence[str], rows: dict[float, list[float]], slack: float = 0.0) -> list[str]:
    """Return the measures that do not rise (fall, where named with a minus) from each setting to the next."""
    found = []
    for number, name in enumerate(names):
        values = [(-1 if name.startswith("-") else 1) * row[number] for row in rows.values()]
        if any(b < a - slack * abs(a) for a, b in pairwise(values)) or values[-1] <= values[0]:
            found.append(name)
    return found


def tell(knob: str, names: Sequence[str], rows: dict[float, list[float]]) -> None:
    print(f"\n| {knob} | " + " | ".join(name.lstrip("-") for name in names) + " |")
    print("|---" * (len(names) + 1) + "|")
    for at, row in rows.items():
        print(f"| {at} | " + " | ".join(f"{value:.3g}" for value in row) + " |")
    wrong = monotone(names, rows)
    print(f"\nnot monotone: {', '.join(wrong)}" if wrong else "\nall monotone", flush=True)


if __name__ == "__main__":
    sys.exit(main())
