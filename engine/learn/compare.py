"""How near composed songs are to those a style was learnt from: both are heard with the same ears and counted.

Distances are total variation: the share of one histogram that would have to move to make it the other, 0 alike, 1
nothing in common. Of the groove it is the mean difference of how often each drum is struck on each slot.
"""

from __future__ import annotations

from collections.abc import Iterable
from functools import partial
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from engine.jobs import run
from engine.learn.counts import Counts
from engine.learn.facts import count_facts
from engine.learn.listen import Skipped, listen_bytes
from engine.learn.raw import Ints
from engine.learn.retell import in_fours, retell
from engine.learn.style_text import Facts, facts_of

SONGS = 24  # composed in each style
_TEMPO_BIN = 10
MEASURES = (
    "tempo",
    "mode",
    "chord roots",
    "chord moves",
    "chord changes a bar",
    "groove",
    "melody degrees",
    "melody intervals",
    "melody onsets",
    "notes a bar",
)


class Nearness(NamedTuple):
    """The distance of a style's songs, and of its parent's, from the folder in one respect; None: not to be had."""

    measure: str
    style: float | None
    parent: float | None


def composed_facts(style: str, songs: int = SONGS, first: int = 1, jobs: int = 1) -> Facts:
    """Return the facts of songs composed in a style, seeds ``first`` and on, as heard from their MIDI files.

    jobs: processes to share them out to; this one then keeps clear of what composing loads.
    """
    shares = [range(first + place, first + songs, jobs) for place in range(min(jobs, songs))]
    counts = Counts()
    for _, packed in run(partial(_composed, style), shares, jobs):
        counts.join(Counts.unpack(packed))
    return facts_of(counts)


def _composed(style: str, seeds: range) -> bytes:
    from engine.export.midi import midi
    from engine.pipeline import compose
    from engine.request import make_request

    return _counted((f"{seed}.mid", midi(compose(make_request(style=style, seed=seed)))) for seed in seeds).pack()


def facts_of_files(files: Iterable[tuple[str, bytes]]) -> Facts:
    """Return the facts of the songs in files, (name, bytes) each; those that cannot be heard are passed over."""
    return facts_of(_counted(files))


def _counted(files: Iterable[tuple[str, bytes]]) -> Counts:
    counts = Counts()
    for name, data in files:
        for found in listen_bytes(data, name):
            if not isinstance(found, Skipped):
                heard = in_fours(found)
                count_facts(counts, "", heard, retell(heard, name))
    return counts


def compare(folder: Facts, style: Facts, parent: Facts) -> tuple[Nearness, ...]:
    """Return how near both are to the folder, by measure."""
    return tuple(Nearness(name, distance(name, folder, style), distance(name, folder, parent)) for name in MEASURES)


def distance(measure: str, one: Facts, two: Facts) -> float | None:
    """Return the distance of two sets of songs in one respect, None where either has nothing to measure."""
    if measure == "groove":
        sides = [_groove(facts) for facts in (one, two)]
        if any(side is None for side in sides):
            return None
        return float(np.abs(np.subtract(*sides)).mean())  # type: ignore[arg-type]
    if measure == "chord changes a bar":
        rates = [facts.tables["changes"] for facts in (one, two)]
        if any(not rate[1] for rate in rates):
            return None
        return abs(float(rates[0][0] / rates[0][1] - rates[1][0] / rates[1][1]))
    if measure == "notes a bar":
        return _density(one, two)
    rows = [_histogram(measure, facts) for facts in (one, two)]
    if any(not row.sum() for row in rows):
        return None
    return float(np.abs(rows[0] / rows[0].sum() - rows[1] / rows[1].sum()).sum() / 2)


def _histogram(measure: str, facts: Facts) -> NDArray[np.float64]:
    tables = facts.tables
    if measure == "tempo":
        counts = tables["tempo"].astype(np.float64)
        summed = np.concatenate([[0], np.cumsum(counts)])
        # A window slides over the tempi, so that no border between bins decides.
        return np.asarray(summed[_TEMPO_BIN:] - summed[:-_TEMPO_BIN])
    name = {
        "mode": "mode",
        "chord roots": "roots",
        "chord moves": "moves",
        "melody degrees": "degrees",
        "melody intervals": "intervals",
        "melody onsets": "onsets",
    }[measure]
    found: Ints = tables[name]
    if measure == "melody degrees":
        found = found.sum(axis=0)
    return found.astype(np.float64).ravel()


def _groove(facts: Facts) -> NDArray[np.float64] | None:
    bars = int(facts.tables["grooved"][0])
    if bars < 16:
        return None
    hits = facts.tables["groove"]
    # Kick, snare, and whatever keeps the time.
    rows = np.stack([hits[0], hits[1], hits[2] + hits[3] + hits[4]])
    return np.minimum(rows / bars, 1.0)


def _density(one: Facts, two: Facts) -> float | None:
    apart = []
    for role in range(len(one.tables["notes"])):
        rates = [facts.tables["notes"][role] / max(int(facts.tables["bars"][role]), 1) for facts in (one, two)]
        if all(rate > 0 for rate in rates) and min(int(facts.tables["who"][role]) for facts in (one, two)) >= 3:
            apart.append(abs(np.log2(rates[0] / rates[1])))
    return float(np.mean(apart)) if apart else None
