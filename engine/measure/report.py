"""Songs beside real ones: a table of quartiles, and how much of it fits."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from typing import Any, NamedTuple

import numpy as np

from engine.measure.chorus import Named
from engine.measure.gaps import Gaps, told_gaps
from engine.measure.reference import Group, Quartiles, quartiles
from engine.measure.twosample import Verdict

_MARKS = 4


class Row(NamedTuple):
    """One measure: the real box, ours, and how they lie.

    inside: our median lies in the real box. within: share of our songs in it (half of the real ones
    are). overlap: what the boxes share of what they cover together. off: how far our median lies from the
    real one, in widths of the real box. spread: our box's width over the real one's. counted: the first group to
    hold the measure counts it; later ones only show it.
    """

    group: str
    measure: str
    real: Quartiles
    ours: Quartiles
    songs: int
    inside: bool
    within: float
    overlap: float
    off: float
    spread: float
    counted: bool


def compare(rows: Sequence[Mapping[str, float]], groups: Sequence[Group]) -> tuple[Row, ...]:
    """Return a row for every measure of the groups that at least one song has."""
    found: list[Row] = []
    seen: set[str] = set()
    for group in groups:
        for name, real in group.measures.items():
            values = [row[name] for row in rows if row.get(name, np.nan) == row.get(name, np.nan)] if rows else []
            if not values:
                continue
            ours = quartiles(values)
            within = float(np.mean([_in(value, real) for value in values]))
            found.append(
                Row(
                    group=group.name,
                    measure=name,
                    real=real,
                    ours=ours,
                    songs=len(values),
                    inside=_in(ours[1], real),
                    within=within,
                    overlap=_overlap(real, ours),
                    off=(ours[1] - real[1]) / ((real[2] - real[0]) or 1),
                    spread=(ours[2] - ours[0]) / ((real[2] - real[0]) or 1),
                    counted=name not in seen,
                )
            )
            seen.add(name)
    return tuple(found)


def share_inside(rows: Sequence[Row]) -> float:
    """Return the share of counted measures whose median lies in the real box."""
    counted = [row.inside for row in rows if row.counted]
    return sum(counted) / len(counted) if counted else np.nan


def mean_overlap(rows: Sequence[Row]) -> float:
    """Return the mean overlap of counted measures."""
    counted = [row.overlap for row in rows if row.counted]
    return sum(counted) / len(counted) if counted else np.nan


def table(
    rows: Sequence[Row],
    groups: Sequence[Group],
    verdicts: Sequence[Verdict],
    songs: int,
    named: Named | None = None,
    gaps: Gaps | None = None,
) -> str:
    """Return the report as text."""
    lines = []
    for group in groups:
        of_group = [row for row in rows if row.group == group.name]
        if not of_group:
            continue
        lines += [f"{group.name}: {group.about}", _HEAD]
        for row in of_group:
            mark = "" if row.inside else "low" if row.ours[1] < row.real[0] else "HIGH"
            lines.append(
                f"  {row.measure:<35}{_three(row.real)}  {_three(row.ours)}"
                f"  {row.within:6.0%} {row.overlap:6.2f} {row.off:+6.2f} {row.spread:6.2f}"
                f"  {mark if row.counted or not mark else f'({mark})'}".rstrip()
            )
        lines.append("")
    counted = [row for row in rows if row.counted]
    lines.append(
        f"{sum(row.inside for row in counted)} of {len(counted)} measures have our median inside the real quartiles "
        f"({share_inside(rows):.0%}; goal 80%), over {songs} songs; mean overlap {mean_overlap(rows):.2f}"
    )
    if gaps:
        lines += told_gaps(gaps)
    for verdict in verdicts:
        lines += ["", *_told(verdict)]
    if named:
        marks = ", ".join(f"{name} {weight:+.2f}" for name, weight in named.features[:_MARKS])
        lines += [
            "",
            f"choruses named as such: real {named.real_chorus:.0%}, ours {named.our_chorus:.0%}; verses: real "
            f"{named.real_verse:.0%}, ours {named.our_verse:.0%}; what marks a chorus: {marks}",
        ]
    return "\n".join(lines)


def as_json(
    rows: Sequence[Row],
    verdicts: Sequence[Verdict],
    songs: int,
    named: Named | None = None,
    gaps: Gaps | None = None,
    about: Mapping[str, object] | None = None,
) -> str:
    """Return the report for programs."""
    counted = [row for row in rows if row.counted]
    report: dict[str, Any] = {
        **(about or {}),
        "songs": songs,
        "inside": share_inside(rows),
        "measures_inside": sum(row.inside for row in counted),
        "measures_counted": len(counted),
        "overlap": mean_overlap(rows),
        "measures": [row._asdict() for row in rows],
        "two_sample": [
            {
                **verdict._asdict(),
                "features": [feature._asdict() for feature in verdict.features],
                "forest_features": [{"name": name, "share": share} for name, share in verdict.forest_features],
            }
            for verdict in verdicts
        ],
        "choruses": {
            **named._asdict(),
            "features": [{"name": name, "weight": weight} for name, weight in named.features],
        }
        if named
        else None,
        "missing": [gap._asdict() for gap in gaps.missing] if gaps else [],
        "estimated": [gap._asdict() for gap in gaps.estimated] if gaps else [],
        "unmeasured": gaps.unmeasured if gaps else (),
    }
    return json.dumps(_without_nan(report), indent=1)


def _without_nan(value: Any) -> Any:
    # JSON has no NaN.
    if isinstance(value, dict):
        return {key: _without_nan(item) for key, item in value.items()}
    if isinstance(value, (list, tuple)):
        return [_without_nan(item) for item in value]
    return None if isinstance(value, float) and np.isnan(value) else value


_HEAD = (
    f"  {'measure':<35}{'real: q25   median    q75':>29}  {'ours: q25   median    q75':>29}"
    "  within overlap   off spread"
)


def _three(box: Quartiles) -> str:
    return " ".join(f"{value:9.3g}" for value in box)


def _told(verdict: Verdict) -> list[str]:
    lines = [
        f"{verdict.what}: AUC {verdict.auc:.3f} +- {verdict.deviation:.3f} telling {verdict.ours} of ours from "
        f"{verdict.real} real ({verdict.against}); 0.5 is as good as real"
    ]
    for name, weight, ours, real in verdict.features:
        lines.append(f"  {weight:+6.2f}  {name:<35} ours {ours:9.3g}   real {real:9.3g}")
    if verdict.forest == verdict.forest:
        leaned = ", ".join(f"{name} {share:.0%}" for name, share in verdict.forest_features[:_MARKS])
        lines.append(f"  a random forest, which sees spread as well: AUC {verdict.forest:.3f} by {leaned}")
    return lines


def _in(value: float, box: Quartiles) -> bool:
    # Counts such as "3 choruses" sit on the edge; rounding must not throw them out.
    slack = 1e-9 + 1e-6 * abs(box[2] - box[0])
    return box[0] - slack <= value <= box[2] + slack


def _overlap(one: Quartiles, two: Quartiles) -> float:
    shared = min(one[2], two[2]) - max(one[0], two[0])
    covered = max(one[2], two[2]) - min(one[0], two[0])
    if covered == 0:
        return 1.0
    return max(0.0, shared / covered)
