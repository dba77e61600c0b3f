"""The report as a page: one HTML file that needs no other."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from html import escape

import numpy as np
from numpy.typing import NDArray

from engine.learn.facts import FASTEST, GROOVE, MODES, NO_CHORD
from engine.learn.report import Report
from engine.learn.roles import ROLES
from engine.learn.style_text import Facts
from engine.theory.chord import Chord
from engine.theory.key import Key
from engine.theory.pitch import FLATS

_STYLE = """
body{font:15px/1.45 system-ui,sans-serif;color:#222;max-width:64rem;margin:2rem auto;padding:0 1rem}
h1{margin-bottom:0}h2{margin-top:2.2rem;border-bottom:1px solid #ccc}table{border-collapse:collapse;margin:.6rem 0}
td,th{padding:.15rem .6rem;text-align:left;vertical-align:top}td.n,th.n{text-align:right}
tr:nth-child(even){background:#f5f5f5}.a{fill:#1f5f8b}.b{fill:#d98032}.c{fill:#999}svg{display:block;margin:.4rem 0}
text{font:11px system-ui,sans-serif;fill:#333}.key span{padding-right:1.2rem}.key i{display:inline-block;width:.8em;
height:.8em;margin-right:.35em}small{color:#666}details{margin:.6rem 0}
"""
_KEY = (
    '<p class="key"><span><i style="background:#1f5f8b"></i>the folder</span>'
    '<span><i style="background:#d98032"></i>songs in the learnt style</span>'
    '<span><i style="background:#999"></i>songs in {}</span></p>'
)
_DEGREES = ("1", "b2", "2", "b3", "3", "4", "#4", "5", "b6", "6", "b7", "7")
_MOST_MOVES = 14
_MOST_FILES = 2000  # rows of files that were used; skipped ones are all told

Floats = NDArray[np.float64]


def page(report: Report) -> str:
    """Return the report as HTML."""
    result = report.result
    skipped = [note for note in result.notes if note.reason]
    body = [
        f"<h1>{escape(result.name)}</h1>",
        f"<p>Learnt from {result.used:,} songs over {escape(result.extends)}; {len(skipped):,} skipped.</p>",
        "<h2>What was learnt</h2>",
        _models(report),
        "<h2>Beside the folder</h2>",
        "<p>Songs composed in the learnt style and in its parent, heard and counted as the folder was. Distance 0 is "
        "alike, 1 has nothing in common (chord changes a bar: their difference; notes a bar: octaves of the mean).</p>",
        _nearness(report),
        _KEY.format(escape(result.extends)),
        *_charts(report),
        "<h2>Skipped</h2>" if skipped else "",
        _table(("file", "why"), ((note.file, note.reason) for note in skipped), "") if skipped else "",
        "<h2>Used</h2>",
        _used(report),
    ]
    title = escape(f"{result.name}: what was learnt")
    return (
        f'<!doctype html><html lang="en"><meta charset="utf-8"><title>{title}</title><style>{_STYLE}</style>'
        f"<body>{''.join(body)}</body></html>\n"
    )


def _models(report: Report) -> str:
    rows = [
        (
            model.name,
            model.unit,
            f"{model.events:,}" if model.events else "",
            "" if model.before is None else f"{model.before:.3f}",
            "" if model.after is None else f"{model.after:.3f}",
            f"{model.share:.0%}",
            f"{1 - model.share:.0%}",
            model.note,
        )
        for model in report.result.models
    ]
    heads = ("model", "event", "held out", "bits before", "bits after", "own", "parent's", "")
    return _table(heads, rows, "  nnnnn ") + (
        f"<p><small>Bits an event on {report.result.measured} songs held out: by the parent's tables, and by tables "
        "learnt without those songs; then all are learnt from. Own: how much of the rows these songs meet is theirs."
        "</small></p>"
    )


def _nearness(report: Report) -> str:
    rows = []
    for near in report.near:
        style, parent = (f"{value:.3f}" if value is not None else "-" for value in (near.style, near.parent))
        better = near.style is not None and near.parent is not None and near.style < near.parent
        rows.append((near.measure, style, parent, "nearer" if better else ""))
    return _table(("measure", "learnt style", report.result.extends, ""), rows, " nn ")


def _charts(report: Report) -> Iterable[str]:
    all_ = (report.result.facts, report.style, report.parent)
    yield "<h2>Tempo</h2>"
    width = 10
    tempos = [
        _shares(facts.tables["tempo"][: FASTEST + 1 - (FASTEST + 1) % width].reshape(-1, width).sum(1))
        for facts in all_
    ]
    used = [k for k in range(len(tempos[0])) if any(side[k] > 0 for side in tempos)]
    span = range(min(used, default=0), max(used, default=0) + 1)
    yield _bars([str(k * width) for k in span], [side[list(span)] for side in tempos])
    yield "<h2>Keys and modes</h2>"
    yield _bars(list(FLATS), [_shares(facts.tables["tonic"]) for facts in all_])
    yield _bars(list(MODES), [_shares(facts.tables["mode"]) for facts in all_])
    yield "<h2>Chords</h2>"
    names = [_chord(k) for k in range(NO_CHORD)]
    roots = [_shares(facts.tables["roots"][:NO_CHORD]) for facts in all_]
    common = [k for k in range(NO_CHORD) if max(side[k] for side in roots) >= 0.01]
    yield _bars([names[k] for k in common], [side[common] for side in roots])
    yield from _moves(all_, names)
    if report.result.facts.tables["grooved"][0]:
        yield "<h2>Groove</h2>"
        yield "<p>How often each is struck on each sixteenth of a bar.</p>"
        for row in (0, 1, 2):
            rates = [_groove(facts, row) for facts in all_]
            yield f"<p>{GROOVE[row] if row < 2 else 'hats and ride'}</p>"
            yield _bars([str(k // 4 + 1) if k % 4 == 0 else "" for k in range(16)], rates)
    yield "<h2>Melody</h2>"
    yield _bars(_DEGREES, [_shares(f.tables["degrees"].sum(0)) for f in all_])
    yield "<p>Intervals, in semitones.</p>"
    yield _bars([str(k - 12) for k in range(25)], [_shares(facts.tables["intervals"]) for facts in all_])
    yield "<h2>Density</h2>"
    yield "<p>Onsets a bar, over the bars in which a part plays.</p>"
    density = [facts.tables["notes"] / np.maximum(facts.tables["bars"], 1) for facts in all_]
    yield _bars(list(ROLES), density, "{:.1f}")


def _moves(all_: Sequence[Facts], names: Sequence[str]) -> Iterable[str]:
    sides = [_shares(facts.tables["moves"][:NO_CHORD, :NO_CHORD].ravel()) for facts in all_]
    order = np.argsort(-sides[0], kind="stable")[:_MOST_MOVES]
    rows = [
        (f"{names[k // NO_CHORD]} to {names[k % NO_CHORD]}", *(f"{side[k]:.1%}" for side in sides))
        for k in order.tolist()
        if sides[0][k] > 0
    ]
    if rows:
        yield "<p>The commonest changes, of all that there are.</p>"
        yield _table(("change", "the folder", "learnt style", "parent"), rows, " nnn")


def _used(report: Report) -> str:
    used = [note for note in report.result.notes if not note.reason]
    rows = (
        (
            note.file,
            ", ".join(f"{name} {count:,}" for name, count in note.used.items()) or "whole-song facts and chords only",
            "held out" if note.held else "",
            "; ".join(note.problems),
        )
        for note in used[:_MOST_FILES]
    )
    more = f"<p>... and {len(used) - _MOST_FILES:,} more; --json tells all.</p>" if len(used) > _MOST_FILES else ""
    return (
        "<details><summary>File by file</summary>"
        + _table(("file", "events", "", "doubts"), rows, "")
        + more
        + "</details>"
    )


def _groove(facts: Facts, row: int) -> Floats:
    hits = facts.tables["groove"]
    struck = hits[row] if row < 2 else hits[2] + hits[3] + hits[4]
    return np.asarray(np.minimum(struck / max(int(facts.tables["grooved"][0]), 1), 1.0))


def _chord(number: int) -> str:
    return Chord(number // 2, "min" if number % 2 else "maj", number // 2).numeral(Key(0))


def _shares(counts: NDArray[np.int64]) -> Floats:
    return np.asarray(counts / max(int(counts.sum()), 1), dtype=np.float64)


def _bars(names: Sequence[str], sides: Sequence[Floats], form: str = "{:.1%}") -> str:
    """Return bars of three kinds side by side, one group a name."""
    height, group = 110, max(min(880 // max(len(names), 1), 72), 22)
    top = max((float(side.max(initial=0)) for side in sides), default=0.0) or 1.0
    thick = (group - 6) / 3
    parts = [f'<svg width="{group * len(names) + 4}" height="{height + 18}" role="img">']
    for place, name in enumerate(names):
        for kind, (letter, side) in enumerate(zip("abc", sides, strict=True)):
            tall = height * float(side[place]) / top
            at = place * group + 3 + kind * thick
            told = form.format(float(side[place]))
            parts.append(
                f'<rect class="{letter}" x="{at:.1f}" y="{height - tall:.1f}" width="{thick - 0.8:.1f}" '
                f'height="{tall:.1f}"><title>{escape(name)} {told}</title></rect>'
            )
        parts.append(
            f'<text x="{place * group + group / 2:.1f}" y="{height + 13}" text-anchor="middle">{escape(name)}</text>'
        )
    return "".join([*parts, "</svg>"])


def _table(heads: Sequence[str], rows: Iterable[Sequence[str]], kinds: str) -> str:
    # kinds: n for a column of numbers.
    marks = [' class="n"' if kind == "n" else "" for kind in kinds.ljust(len(heads))]
    text = [
        "<table><tr>",
        *(f"<th{mark}>{escape(head)}</th>" for mark, head in zip(marks, heads, strict=True)),
        "</tr>",
    ]
    for row in rows:
        cells = (f"<td{mark}>{escape(str(cell))}</td>" for mark, cell in zip(marks, row, strict=True))
        text.append(f"<tr>{''.join(cells)}</tr>")
    return "".join([*text, "</table>"])
