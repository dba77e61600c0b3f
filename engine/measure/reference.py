"""What real songs measure: quartiles by measure, in groups by where they come from."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from typing import NamedTuple

import numpy as np

from engine.errors import CorpusError

Quartiles = tuple[float, float, float]
_PACKAGED = Path(__file__).with_name("reference.json")


class Group(NamedTuple):
    """Songs measured together: name, what they are, and (lower, median, upper) quartile by measure."""

    name: str
    about: str
    measures: dict[str, Quartiles]


def load_reference(path: Path = _PACKAGED) -> tuple[Group, ...]:
    """Return the groups of a reference file (the packaged one: real rock); raises CorpusError."""
    try:
        rows = json.loads(path.read_text(encoding="utf-8"))["groups"]
        return tuple(
            Group(
                str(row["name"]),
                str(row["about"]),
                {
                    name: (float(low), float(middle), float(high))
                    for name, (low, middle, high) in row["measures"].items()
                },
            )
            for row in rows
        )
    except (OSError, ValueError, KeyError, TypeError, AttributeError) as error:
        raise CorpusError(
            f"{path} is no reference of measures: {error}",
            'it looks like {"groups": [{"name": "song", "about": "...", "measures": {"CC": [4, 5, 7]}}]}',
        ) from error


def quartiles(values: Iterable[float]) -> Quartiles:
    """Return lower quartile, median and upper quartile of the values that are numbers; NaN if none is."""
    known = [value for value in values if value == value]
    if not known:
        return (np.nan, np.nan, np.nan)
    low, middle, high = np.percentile(np.array(known, float), (25, 50, 75)).tolist()
    return (low, middle, high)


def group_of(name: str, about: str, rows: Sequence[Mapping[str, float]]) -> Group:
    """Return the group that measured songs make, over every measure that most of them have."""
    names = dict.fromkeys(key for row in rows for key in row)
    found = {key: quartiles([row.get(key, np.nan) for row in rows]) for key in names}
    return Group(name, about, {key: box for key, box in found.items() if box[1] == box[1]})
