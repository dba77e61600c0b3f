"""Explanations as a table for people, and as plain data for programs."""

from __future__ import annotations

from collections.abc import Callable, Hashable, Iterator
from itertools import groupby
from typing import Any

from engine.explain.decision import Decision, Option, Said
from engine.explain.rows import Explained, Row
from engine.song import Song
from engine.theory.meter import SLOT

SHOWN = 3  # other options told in the table
KEPT = 6  # options told to programs, besides what was drawn
NOTICED = 0.05  # a factor so near 1 is not told in the table
_HOW = {
    "given": "given by the user",
    "ending": "the section's own ending",
    "kept": "its derivation is not in the file",
}
# What the columns of viewpoints look at: in a sung line, then in the band.
_SUNG = {
    "x1": "last note", "degree1": "its degree", "motion1": "the move to it", "chordal1": "its place in the chord",
    "third": "chord's third", "weight": "beat's weight", "before": "wait before", "after": "wait after",
    "position": "first or last", "place": "quarter of the line", "kind": "kind of section", "palette": "song's degrees",
    "gait": "song's intervals", "spread": "song's compass", "last1": "last slot", "last3": "last 3 slots",
    "last7": "last 7 slots", "left": "way to the end", "grain": "song's density", "pace": "tempo",
}  # fmt: skip
_BAND = {
    "before": "last note above this root", "metre": "beat's weight", "quality": "chord's third", "new": "new chord",
    "move": "way to the next root", "motion": "move of the root", "memory": "riff's tone", "sure": "trust in its pitch",
    "trust": "trust in the riff", "cluster": "state of the section", "faithful": "player's faithfulness to riffs",
    "pedal": "player's love of roots", "octaves": "player's octaves", "roam": "player's compass",
    "steady": "player's steadiness", "past": "last 4 slots", "turn": "bar of four", "last": "last slot",
    "last2": "last 2 slots", "old": "bar that this answers", "near": "bar before", "same": "has it answered so far",
    "echo": "does it echo", "vary": "how closely it answers", "state": "state of the bar", "kind": "kind of groove",
    "period": "bars till it comes again", "lead": "leading cymbal", "dense": "density of cymbals",
    "ghosts": "song's ghost notes", "foot": "kick and snare", "pace": "tempo",
}  # fmt: skip


# What they speak of.
_TARGETS = {
    "event": "what", "interval": "interval", "degree": "degree", "chordal": "place in the chord", "step": "interval",
    "height": "height", "off": "distance from the riff", "beat": "beat",
}  # fmt: skip


Namer = Callable[[Decision, Hashable], str]


def table(song: Song, told: Explained) -> str:
    """Return an explanation as text, for people."""
    section = next(section for section in song.sections if section.name == told.section)
    bars = f"bar {told.first}" if told.first == told.last else f"bars {told.first}-{told.last}"
    lines = [f"{told.section} {told.part}, {bars} of {section.bars}, {told.key}"]
    if told.locked:
        lines.append("locked: nothing changes it until it is unlocked")
    for name, same in told.alike:
        lines.append(f"{name}: {'the same notes' if same else f'other notes in places (explain {name}/{told.part})'}")
    views = list(dict.fromkeys(said.view for row in told.rows for said in _views(row)))
    width = max((len(row.name) for row in told.rows), default=0)
    letters = {view: _letter(number) for number, view in enumerate(views)}
    for source, group in groupby(told.rows, key=lambda row: row.source):
        lines += ["", source]
        for over, rows in groupby(group, key=_over):
            lines += [f"  {over}"] if over else []
            for row in rows:
                lines += _told(song, row, letters, width)
    if letters:
        lines += ["", "percent that each viewpoint alone, as strong as it is in the mixture, would give the note:"]
        lines += [f"  {letter} {_in_words(view, told.part)}" for view, letter in letters.items()]
    return "\n".join(lines)


def _told(song: Song, row: Row, letters: dict[str, str], width: int) -> Iterator[str]:
    degree = f"{row.under.degree}" if row.under else ""
    head = f"  {row.bar:>4} {_beat(row.beat):<5} {row.name:<{width}} {degree:<4}"
    name = namer(song, row)
    if row.pitch is None:
        yield f"{head} {'' if row.place else _undrawn(row)}".rstrip()
    else:
        yield f"{head} {_drawn(row.pitch, name)}"
    if row.place is not None:
        yield f"{'':19}{'starts' if row.place.what == 'onset' else 'struck'}: {_drawn(row.place, name)}"
    if views := _views(row):
        yield f"{'':19}views: {' '.join(f'{letters[said.view]}{100 * said.chance:.0f}' for said in views)}"


def _views(row: Row) -> tuple[Said, ...]:
    """Return what viewpoints said of what a note is; of where it is, if nothing else was drawn."""
    decision = row.pitch or row.place
    return decision.views if decision else ()


def _undrawn(row: Row) -> str:
    return {"kept": "as it was", "planned": "planned"}.get(row.how, "")


def _drawn(decision: Decision, name: Namer) -> str:
    """Return "23 %, model 20 % (motion x1.10, chord x1.07); or A4 29 %, B4 16 %"."""
    own = decision.chosen
    rules = ", ".join(_factors(decision, own))
    text = f"{_percent(own.chance)}, model {_percent(own.model)}{f' ({rules})' if rules else ''}"
    others = [option for option in decision.options if option.value != decision.value][:SHOWN]
    rest = ", ".join(f"{name(decision, option.value)} {_percent(option.chance)}" for option in others if option.chance)
    return f"{text}; or {rest}" if rest else text


def _factors(decision: Decision, option: Option) -> Iterator[str]:
    for rule, factor in zip(decision.rules, option.rules, strict=True):
        if abs(factor - 1) >= NOTICED:
            yield f"{rule} x{factor:.2g}" if factor < 10 else f"{rule} x{factor:.0f}"


def _over(row: Row) -> str:
    under = row.under
    if under is None:
        return ""
    origin = under.origin
    if origin.how in _HOW:
        why = _HOW[origin.how]
    elif origin.how == "borrowed":
        why = f"borrowed: {origin.rule}"
    else:
        why = f"rule {origin.rule}, in {' > '.join(origin.trail[:-1])}" + (
            f", shared part {origin.share}" if origin.share else ""
        )
    return f"over {under.symbol} ({under.numeral}): {why}"


def namer(song: Song, row: Row) -> Namer:
    """Return how to say what a decision's value stands for, near a row."""
    from engine.explain.rows import note_name

    first = row.bar - 1 - row.slot // song.meter.slots
    section = next(section for section in song.sections if section.start_bar == first)

    def name(decision: Decision, value: Hashable) -> str:
        if decision.what == "pitch" and isinstance(value, int):
            return note_name(song, section, value + section.shift)
        if decision.what == "onset" and isinstance(value, int):
            bar, inside = divmod(value, song.meter.slots)
            return f"{first + bar + 1}.{_beat(1 + inside / song.meter.beat)}"
        if decision.what in ("shape", "layout") and isinstance(value, tuple):
            return " ".join(note_name(song, section, pitch + section.shift) for pitch in value)
        return str(value)

    return name


def facts(song: Song, told: Explained) -> dict[str, Any]:
    """Return an explanation as plain JSON data; chances are shares of 1, "others" what all options not told have."""
    return {
        "section": told.section,
        "part": told.part,
        "key": told.key,
        "bars": [told.first, told.last],
        "locked": told.locked,
        "edits": told.edits,
        "alike": [{"section": name, "same": same} for name, same in told.alike],
        "notes": [_row_data(song, row, told.part) for row in told.rows],
    }


def _row_data(song: Song, row: Row, part: str) -> dict[str, Any]:
    name = namer(song, row)
    chord = None
    if row.under:
        under = row.under
        chord = {
            "symbol": under.symbol,
            "numeral": under.numeral,
            "degree": under.degree,
            "belongs": under.belongs,
            **under.origin._asdict(),
        }
    return {
        "bar": row.bar,
        "beat": row.beat,
        "note": row.name,
        "midi": row.note.pitch,
        "slot": row.slot,
        "slots": row.note.length / SLOT,
        "how": row.how,
        "source": row.source,
        "chord": chord,
        "start": _data(row.place, name, part),
        "pitch": _data(row.pitch, name, part),
    }


def _data(decision: Decision | None, name: Namer, part: str) -> dict[str, Any] | None:
    if decision is None:
        return None
    first = decision.options[:KEPT]
    shown = first if decision.chosen in first else (*first, decision.chosen)
    shown = tuple(option for option in shown if option.chance or option.model or option.value == decision.value)
    return {
        "what": decision.what,
        "drawn": name(decision, decision.value),
        "chance": decision.chosen.chance,
        "model": decision.chosen.model,
        "rules": dict(zip(decision.rules, decision.chosen.rules, strict=True)),
        "options": [
            {
                "value": name(decision, option.value),
                "chance": option.chance,
                "model": option.model,
                "rules": dict(zip(decision.rules, option.rules, strict=True)),
            }
            for option in shown
        ],
        "others": {
            "chance": max(1 - sum(option.chance for option in shown), 0.0),
            "model": max(1 - sum(option.model for option in shown), 0.0),
        },
        "views": [
            {
                "view": _in_words(said.view, part),
                "chance": said.chance,
                "favourite": said.favourite if decision.what == "onset" else name(decision, said.favourite),
                "favourite_chance": said.most,
            }
            for said in decision.views
        ],
    }


def _in_words(view: str, part: str) -> str:
    """Return a viewpoint with the names of what it looks at in words."""
    words = _SUNG if part == "melody" else _BAND
    memory, _, plain = view.rpartition(": ")
    target, after, columns = plain.partition(" after ")
    seen = after + ", ".join(words.get(column, column) for column in columns.split(", "))
    return f"{f'{memory}: ' if memory else ''}{_TARGETS.get(target, target)}{seen}"


def _letter(number: int) -> str:
    return chr(97 + number) if number < 26 else f"a{chr(97 + number % 26)}"


def _percent(share: float) -> str:
    percent = 100 * share
    return f"{percent:.0f} %" if percent >= 1 or not percent else f"{percent:.2g} %"


def _beat(beat: float) -> str:
    return f"{beat:g}"
