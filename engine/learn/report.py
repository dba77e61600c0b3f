"""What was learnt, told: a summary, a report for programs, and a page."""

from __future__ import annotations

import json
from typing import Any

from engine.learn.run import Result


def summary(result: Result) -> str:
    """Return some lines for the terminal."""
    skipped = sum(bool(note.reason) for note in result.notes)
    rows = [
        f"{result.style}: learnt from {result.used:,} songs over {result.extends}"
        + (f", {skipped:,} skipped" if skipped else ""),
        f"  {'model':26} {'unit':8} {'before':>7} {'after':>7} {'own':>5}",
    ]
    for model in result.frozen.models:
        before, after = (f"{bits:.3f}" if bits is not None else "-" for bits in (model.before, model.after))
        rows.append(f"  {model.name:26} {model.unit:8} {before:>7} {after:>7} {model.share:5.0%}")
    rows.append(f"  bits an event on {result.measured} songs held out, by the parent and as learnt without them;")
    rows.append("  own: how much of the rows these songs meet is theirs, the rest is the parent's")
    return "\n".join(rows)


def as_json(result: Result) -> str:
    """Return the report for programs."""
    return json.dumps(content(result), indent=1, ensure_ascii=False)


def content(result: Result) -> dict[str, Any]:
    """Return the report as plain values."""
    return {
        "style": result.name,
        "extends": result.extends,
        "file": str(result.style),
        "tables": str(result.tables),
        "songs": result.used,
        "models": [model._asdict() for model in result.frozen.models],
        "files": [note._asdict() for note in result.notes],
    }


def page(result: Result) -> str:
    """Return the report as a page that needs no other file."""
    return f"<!doctype html><meta charset=utf-8><title>{result.name}</title><pre>{summary(result)}</pre>"
