"""The prediction tasks, one row each: the events, the side information, and the viewpoints that predict them."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import NamedTuple

import numpy as np

from engine.models.mixture import Design
from engine.models.recall import Likeness
from engine.models.viewpoints import Target, View
from engine.train import series
from engine.train.events import Derive
from engine.train.fit_mixture import Settings

Sizes = Mapping[str, int]


class Task(NamedTuple):
    """One kind of event.

    events: how many there are. sides: name and size of each column of side information. derived: further series.
    targets: classes of events (see engine.models.viewpoints), made from the number of events.
    design: the viewpoints; without memory, those with long-term counts alone.
    """

    events: int
    sides: Sizes
    derived: Mapping[str, Derive]
    targets: Mapping[str, Callable[[int], Target]]
    design: Design
    settings: Settings = Settings()


CHORD, BEAT, LABEL = {"chord": 49}, {"beat": 16}, {"label": 10}


def views(*texts: str) -> tuple[View, ...]:
    """Return views from lines such as ``"chord x1 x2"`` and, with a target, ``"step: x1 x2"``."""
    found = []
    for text in texts:
        target, colon, names = text.rpartition(":")
        found.append(View(tuple(names.split()), target.strip() if colon else "event"))
    return tuple(found)


def orders(most: int, first: str = "", least: int = 0, name: str = "x", target: str = "event") -> tuple[View, ...]:
    """Return the views on the last ``least`` .. ``most`` events, after the columns ``first``."""
    lags = [f"{name}{back}" for back in range(1, most + 1)]
    return tuple(View((*first.split(), *lags[:length]), target) for length in range(least, most + 1))


def _step(quality: int) -> Callable[[int], Target]:
    # The step from the last event; none (the start) counts as 0.
    def make(events: int) -> Target:
        size = events // quality
        before = np.append(np.arange(events) // quality, 0)
        now = np.arange(events)
        return Target("x1", (now // quality - before[:, None]) % size * quality + now % quality)

    return make


def _degree(middle: int) -> Callable[[int], Target]:
    # The pitch class above the chord's root; an unknown root counts as the tonic.
    def make(events: int) -> Target:
        root = np.arange(13) % 12
        return Target("root", (np.arange(events) - middle - root[:, None]) % 12)

    return make


def _plain(*classes: int) -> Callable[[int], Target]:
    return lambda events: Target("", np.array(classes, dtype=np.int64)[None])


def _pitch_class(events: int) -> Target:
    return Target("", (np.arange(events)[None] - 30) % 12)


def _bit(*bits: int) -> Callable[[int], Target]:
    def make(events: int) -> Target:
        table = sum(((np.arange(events) >> bit) & 1) << place for place, bit in enumerate(bits))
        return Target("", np.asarray(table, dtype=np.int64)[None])

    return make


def _sounding(events: int) -> Target:
    # A bass note's pitch class above the tonic instead of the root, 1..12; 0 for none.
    root = np.arange(13)[:, None] % 12
    now = np.arange(events)[None]
    return Target("root", np.where(now == 0, 0, 1 + (now - 1 + root) % 12))


def _landing(events: int) -> Target:
    # Where in the bar the next onset falls; 16 when more than two bars away.
    beat, now = np.arange(16)[:, None], np.arange(events)[None]
    return Target("beat", np.where(now == events - 1, 16, (beat + now + 1) % 16))


def _modulo(step: int) -> Callable[[int], Target]:
    return lambda events: Target("", (np.arange(events)[None] + 1) % step)


_SCALE = {"mode": series.sung(24), "step": series.motion()}
_HARMONY = {"root": series.root, "kind": series.kind}
_OVER = {"ra": series.over_root(1), "rb": series.over_root(2), "rc": series.over_root(3)}
_MELODY_LONG = views("x1 x2 x3 x4 x5", "mode x1 x2", "step: step1 step2 step3")
_MELODY_SHORT = (*orders(8), *orders(4, least=1, name="step", target="step"))
_CHORD_LONG = views("chord x1 x2 x3", "chord x1 chord1 x2", "degree: kind ra rb rc", "mode chord x1")
_CHORD_SHORT = orders(5, "chord")


def _chords(quality: int, extra: tuple[View, ...] = (), selectors: tuple[str, ...] = ()) -> Task:
    long = (
        *views("x1 x2 x3 x4 x5 x6 x7 x8 x9", "x1 x2 x4 x8", "step: motion1 motion2 motion3 motion4", "x1 x3 x5 x7"),
        *extra,
    )
    return Task(
        12 * quality,
        {},
        {"motion": series.motion(quality), "run": series.run(9), "place": series.place(8), "index": series.index(8)},
        {"step": _step(quality)},
        Design(long, (*orders(9), *views("x2 x3", "x4", "x8", "x2 x3 x4")), selectors, (Likeness(),)),
    )


def _melody(events: int, sides: Sizes, long: tuple[View, ...], short: tuple[View, ...], like: tuple[str, ...]) -> Task:
    middle = 30 if events == 61 else 0
    derived = {**_SCALE, **(_HARMONY if "chord" in sides else {}), **(_OVER if "chord" in sides else {})}
    derived |= {"gap": series.gap} if "beat" in sides else {}
    targets = {"step": _step(1), **({"degree": _degree(middle)} if "chord" in sides else {})}
    targets |= {"pc": _pitch_class} if events == 61 else {}
    return Task(
        events,
        sides,
        derived,
        targets,
        Design(long, short, (), (Likeness(like),)),
    )


_SLOTS_LONG = views(
    "beat x1 x2 x3 x4 x5 x6 x7 x8", "beat x16 x1 x2 x15 x17 x32", "beat x16 x32 x1 x48 x64", "beat since x16"
)
_SLOTS_SHORT = (
    *orders(4, "beat"),
    *orders(4, "beat x16"),
    *views(
        "", "x16 x32", "beat x16 x32", "since", "beat since", "x1 x2 x3 x4 x5 x6 x7 x8", "beat x1 x2 x3 x4 x5 x6 x7 x8"
    ),
)
_AROUND = {"since": series.since(33)}

TASKS: Mapping[str, Task] = {
    "form": Task(
        10,
        {},
        {
            "index": series.index(20),
            "verses": series.seen(1, 5),
            "choruses": series.seen(3, 5),
            "bridges": series.seen(4, 2),
            "solos": series.seen(5, 2),
        },
        {},
        Design(
            views(
                "x1 x2 x3 x4 x5 x6",
                "x1 index x2",
                "x1 choruses bridges x2",
                "x1 verses choruses x2",
                "x1 x2 solos choruses",
            ),
            orders(4),
            (),
            (Likeness(),),
        ),
    ),
    "seclen": Task(
        33,
        LABEL,
        {"index": series.index(6)},
        {"four": _modulo(4), "eight": _modulo(8)},
        Design(
            views("label x1 x2", "label label1 x1", "x1 x2 x3", "label index", "four: x1 x2 x3", "label x1 label1"),
            views("", "label", "label label1", "label x1", "x1", "four:", "four: label", "eight:", "eight: label"),
            (),
            (Likeness(("label",)),),
        ),
    ),
    "chord_triad": _chords(4),
    "chord_full": _chords(10),
    "chord_bar": _chords(4, views("run x1 x2", "place x1 x4 x8", "run x1 x4 x8 x2")),
    "mel_sd": _melody(12, {}, _MELODY_LONG, _MELODY_SHORT, ()),
    "mel_sd_chord": _melody(12, CHORD, (*_MELODY_LONG, *_CHORD_LONG), (*_MELODY_SHORT, *_CHORD_SHORT), ("chord",)),
    "mel_sd_chord_beat": _melody(
        12,
        {**CHORD, **BEAT},
        (*_MELODY_LONG, *_CHORD_LONG, *views("beat chord x1", "gap x1 x2", "degree: beat kind ra")),
        (*_MELODY_SHORT, *_CHORD_SHORT, *orders(2, "beat"), *orders(2, "beat chord"), *orders(3, "gap")),
        ("chord", "beat", "gap"),
    ),
    "mel_pitch": _melody(61, {}, (*_MELODY_LONG, *views("pc: x1 x2")), _MELODY_SHORT, ()),
    "mel_pitch_chord": _melody(
        61, CHORD, (*_MELODY_LONG, *_CHORD_LONG, *views("pc: x1 x2")), (*_MELODY_SHORT, *_CHORD_SHORT), ("chord",)
    ),
    "ioi16": Task(
        33,
        BEAT,
        {f"n{letter}": series.next_onset(back) for letter, back in (("a", 16), ("b", 32), ("c", 64), ("d", 128))},
        {"landing": _landing},
        Design(
            views(
                "beat x1 x2 x3", "x1 x2 x3 x4 beat", "beat na nb", "na nb nc", "beat x1 beat2 x2", "landing: beat x1 na"
            ),
            (
                *orders(5),
                *orders(4, "beat"),
                *views("na", "beat na", "nb", "beat nb", "na nb", "nc", "nc na", "nd", "nc nd", "landing:"),
            ),
            (),
            (Likeness(("beat", "na", "nc")),),
        ),
    ),
    "onset16": Task(2, BEAT, _AROUND, {}, Design(_SLOTS_LONG, _SLOTS_SHORT, (), (Likeness((), "event", 16, 64),))),
    "drum16": Task(
        32,
        BEAT,
        {},
        {"kick": _bit(0), "snare": _bit(1), "hat": _bit(2), "crash": _bit(3), "tom": _bit(4)},
        Design(
            (
                *views("beat x1 x2 x3 x4 x5", "beat x16 x1 x2", "beat x16 x32 x1", "beat x2 x4 x8", "beat x8 x16 x1"),
                *views(*(f"{drum}: beat x16 x1 x32" for drum in ("kick", "snare", "hat"))),
            ),
            (
                *orders(4, "beat"),
                *views("beat x16", "beat x16 x1", "beat x16 x32", "x1 x2 x3 x4 x5 x6", "x4 x8", "x2 x4", "x1 x2 x3"),
                *views(
                    *(
                        f"{drum}: beat{more}"
                        for drum in ("kick", "snare", "hat", "crash", "tom")
                        for more in ("", " x1")
                    )
                ),
            ),
            (),
            (Likeness((), "event", 16, 64),),
        ),
    ),
    "bass16": Task(
        13,
        {**BEAT, **CHORD},
        {**_HARMONY, "since": series.since(17), "last": series.last_sound, "new": series.changed("chord")},
        {"sounding": _sounding},
        Design(
            (
                *views("beat x1 x2 x3 x4", "x16 x32 x1 beat x17", "beat x16 x8 x1 x2", "new since last beat"),
                *views("chord x16 x1 x2", "x4 x8 x16 x2 x1", "x16 chord chord16 x32", "sounding: chord x16 chord16 x1"),
            ),
            (
                *orders(4, "beat"),
                *views("beat x16", "beat x16 x1", "beat x16 x32", "beat chord", "beat chord x1", "beat chord x16"),
                *orders(6),
                *views("sounding: beat", "sounding: beat chord", "x4 x8", "since last", "beat since last"),
            ),
            (),
            (Likeness(("chord",), "event", 16, 96),),
        ),
    ),
}
