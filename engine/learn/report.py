"""What was learnt, told: a summary for the terminal and a report for programs (``page`` makes it a page)."""

from __future__ import annotations

import json
from typing import Any, NamedTuple

from engine.learn.compare import SONGS, Nearness, compare, composed_facts
from engine.learn.run import Result
from engine.learn.style_text import Facts

FORMAT = 1


class Report(NamedTuple):
    """What was learnt, and songs composed in the style and its parent, heard as the folder was."""

    result: Result
    style: Facts
    parent: Facts
    near: tuple[Nearness, ...]


def report_of(result: Result, songs: int = SONGS, jobs: int = 1) -> Report:
    """Return a report; composes so many songs in the style and in its parent, in so many processes."""
    style = composed_facts(str(result.style.resolve()), songs, jobs=jobs)
    parent = composed_facts(result.extends, songs, jobs=jobs)
    return Report(result, style, parent, compare(result.facts, style, parent))


def summary(report: Report) -> str:
    """Return some lines for the terminal."""
    result = report.result
    skipped = sum(bool(note.reason) for note in result.notes)
    rows = [
        f"{result.style}: learnt from {result.used:,} songs over {result.extends}"
        + (f", {skipped:,} skipped" if skipped else ""),
        f"  {'model':26} {'event':8} {'before':>7} {'after':>7} {'own':>5}",
    ]
    for model in result.models:
        rows.append(f"  {model.name:26} {model.unit:8} {_bits(model.before)} {_bits(model.after)} {model.share:5.0%}")
    rows.append(f"  bits an event on {result.measured} songs held out, by the parent and as learnt without them;")
    rows.append("  own: how much of the rows these songs meet is theirs, the rest is the parent's")
    rows.append(f"  {'distance of songs from the folder':35} {'style':>7} {result.extends[-7:]:>7}")
    for near in report.near:
        if near.style is not None:
            rows.append(f"  {near.measure:35} {_bits(near.style)} {_bits(near.parent)}")
    return "\n".join(rows)


def _bits(value: float | None) -> str:
    return f"{value:7.3f}" if value is not None else f"{'-':>7}"


def as_json(report: Report) -> str:
    """Return the report for programs."""
    result = report.result
    told = {
        "format": FORMAT,
        "style": result.name,
        "extends": result.extends,
        "file": str(result.style),
        "tables": str(result.tables),
        "songs": result.used,
        "held_out": result.measured,
        "models": [model._asdict() for model in result.models],
        "distances": [near._asdict() for near in report.near],
        "facts": {"folder": _told(result.facts), "style": _told(report.style), "parent": _told(report.parent)},
        "files": [note._asdict() for note in result.notes],
    }
    return json.dumps(told, indent=1, ensure_ascii=False)


def _told(facts: Facts) -> dict[str, Any]:
    # Tables as lists; those that are long and mostly empty as pairs of place and count.
    found: dict[str, Any] = {}
    for name, table in facts.tables.items():
        if table.size <= 64:
            found[name] = table.tolist()
        else:
            flat = table.ravel()
            found[name] = {
                "shape": list(table.shape),
                "counts": [[int(k), int(flat[k])] for k in flat.nonzero()[0]],
            }
    return found
