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


SLOTS = Settings(power=1.0, discount=0.7, lean=1.5)
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


_SCALE = {
    "thirds": series.sung(24, (3, 4, 8, 9, 10, 11)),
    "longer": series.sung(32, (3, 4, 8, 9, 10, 11)),
    "others": series.sung(24, (0, 1, 2, 5, 6, 7)),
    "step": series.motion(),
    "low": series.extreme(8, False),
    "high": series.extreme(8, True),
    "new": series.changed("chord"),
}
_HARMONY = {"root": series.root, "kind": series.kind}
_OVER = {"ra": series.over_root(1), "rb": series.over_root(2), "rc": series.over_root(3)}
_MELODY_LONG = views(
    "step: x1 step1",
    "longer others x1",
    "step: step1 step2 step3 step4 thirds",
    "thirds",
    "x1 low high",
    "thirds x1 x2 x3",
    "others x1 x2",
    "x1 x2 x3 x4 x5",
)
_MELODY_SHORT = (*orders(8), *orders(4, least=1, name="step", target="step"))
_CHORD_LONG = views(
    "degree: kind ra new rb", "chord longer x1", "chord x1 chord1 x2", "step: x1 chord step1", "thirds chord x1"
)
_CHORD_SHORT = (*orders(5, "chord"), *views("degree: kind", "degree: kind ra", "degree: kind ra rb"))


def _chords(quality: int, *texts: str) -> Task:
    major, minor = 0, 1
    palette = {
        "minor": ((0, minor), (0, major), (10, major), (9, minor), (8, major), (3, major)),
        "major": ((2, minor), (4, minor), (7, major), (5, major), (2, major), (7, minor)),
        "mixed": ((0, minor), (10, major), (9, minor), (2, minor), (4, minor), (2, major), (5, minor), (7, minor)),
    }
    derived = {
        name: series.used(tuple(root * quality + kind for root, kind in chords), 16 if name == "mixed" else 24)
        for name, chords in palette.items()
    }
    derived |= {
        "motion": series.motion(quality),
        "run": series.run(9),
        "place": series.place(8),
        "four": series.place(4),
        "index": series.index(20),
    }
    long = views(
        "x1 x2 x3 x4 x5 x6 x7 x8 x9",
        "step: motion1 motion2 motion3 motion4 motion5 motion6",
        "x2 x4 x6 x8",
        "x1 minor",
        "x1 index",
        *texts,
    )
    short = (*orders(9), *views("x2 x3", "x4", "x8", "x2 x3 x4"))
    return Task(12 * quality, {}, derived, {"step": _step(quality)}, Design(long, short, (), (Likeness(),)))


def _melody(events: int, sides: Sizes, long: tuple[View, ...], short: tuple[View, ...], like: tuple[str, ...]) -> Task:
    middle = 30 if events == 61 else 0
    harmony = "chord" in sides
    derived = {name: derive for name, derive in _SCALE.items() if name != "new" or harmony}
    derived |= {**_HARMONY, **_OVER} if harmony else {}
    derived |= {"gap": series.gap} if "beat" in sides else {}
    targets = {"step": _step(1), **({"degree": _degree(middle)} if harmony else {})}
    targets |= {"pc": _pitch_class} if events == 61 else {}
    long = (*_MELODY_LONG, *(_CHORD_LONG if harmony else ()), *long)
    short = (*_MELODY_SHORT, *(_CHORD_SHORT if harmony else ()), *short)
    # Another verse has other syllables: a note more here, one less there.
    first = Likeness(like, slide=70)
    second = first._replace(target="degree" if harmony else "step")
    return Task(events, sides, derived, targets, Design(long, short, (), (first, second)))


_CHANGES = ("minor major x1", "x4 x8 x12 x16", "x1 mixed x2", "x1 x2 x3 x4 x5 x6", "place x1 x2", "x1 x4 x8")
_SLOTS_LONG = views(
    "beat since x32 x16 x64",
    "beat since x16",
    "beat x2 x4 x6 x8 x1",
    "beat x16 x32 x48 x64 x1",
    "beat x1 x2 x3 x4 x5 x6 x7 x8 x9 x10 x11 x12",
    "beat x16 x1 x2 x15 x17 x32",
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
            "before": series.seen(2, 4),
            "choruses": series.seen(3, 5),
            "solos": series.seen(5, 2),
            "links": series.seen(6, 3),
            "sinceverse": series.ago(1, 6),
            "sincechorus": series.ago(3, 6),
        },
        {},
        Design(
            views(
                "x1 x2 x3 x4",
                "choruses verses x1",
                "x1 before choruses",
                "x1 sincechorus sinceverse",
                "index choruses x1",
                "x1 choruses",
                "x1 choruses solos links",
                "x1 index",
                "x1 index verses choruses",
            ),
            orders(4),
            (),
            (Likeness(),),
        ),
    ),
    "seclen": Task(
        33,
        LABEL,
        {"index": series.index(8)},
        {"four": _modulo(4), "eight": _modulo(8)},
        Design(
            views(
                "label label3 x3",
                "x1 x2 x3",
                "label label2 x2",
                "label index",
                "eight: label x1 x2",
                "label label1 label2 x2",
                "label label1 label2",
                "label label1 x1",
                "label x2 x4",
            ),
            views("", "label", "label label1", "label x1", "x1", "four:", "four: label", "eight:", "eight: label"),
            (),
            (Likeness(("label",)),),
        ),
    ),
    "chord_triad": _chords(4, *_CHANGES),
    "chord_full": _chords(10, *_CHANGES),
    "chord_bar": _chords(
        4, "x4 x1 x8 x12", "x8 x16 x1", "mixed x1 x2 x3", "x1 run four x4", "x1 x3 x5 x7", "minor major x1"
    ),
    "mel_sd": _melody(12, {}, (), (), ()),
    "mel_sd_chord": _melody(12, CHORD, (), (), ("chord",)),
    "mel_sd_chord_beat": _melody(
        12,
        {**CHORD, **BEAT},
        views("beat chord x1", "gap x1 x2", "degree: beat kind ra", "step: gap step1 gap1", "gap chord x1"),
        (*orders(2, "beat"), *orders(2, "beat chord"), *orders(3, "gap")),
        ("chord", "beat", "gap"),
    ),
    "mel_pitch": _melody(61, {}, views("pc: x1 x2"), (), ()),
    "mel_pitch_chord": _melody(61, CHORD, views("pc: x1 x2", "pc: thirds chord"), (), ("chord",)),
    "ioi16": Task(
        33,
        BEAT,
        {
            f"n{letter}": series.next_onset(back)
            for letter, back in (("a", 16), ("b", 32), ("c", 64), ("d", 128), ("e", 8))
        },
        {"landing": _landing},
        Design(
            (
                *views(
                    "na nb nc", "beat nc nd", "x1 x2 beat", "landing: na nb beat", "beat", "beat ne x1", "x3 x1 x2 x6"
                ),
                *views("beat na", "beat nb nd", "beat x1 beat2 x2", "beat x1 x2 x3", "landing: beat x1 na"),
            ),
            (
                *orders(5),
                *orders(4, "beat"),
                *views("na", "beat na", "nb", "beat nb", "na nb", "nc", "nc na", "nd", "nc nd", "landing:"),
            ),
            (),
            (Likeness(("beat", "na", "nb", "nc", "nd")), Likeness(("beat", "x1", "nb"), "landing")),
        ),
    ),
    "onset16": Task(
        2,
        BEAT,
        _AROUND,
        {},
        Design(
            _SLOTS_LONG, _SLOTS_SHORT, (), (Likeness(("since",), "event", 16, 64), Likeness(("since",), "event", 4, 64))
        ),
        SLOTS,
    ),
    "drum16": Task(
        32,
        BEAT,
        {"kick": series.bit(0), "snare": series.bit(1), "hat": series.bit(2), "quarter": series.quarter},
        {"kick": _bit(0), "snare": _bit(1), "hat": _bit(2), "crash": _bit(3), "tom": _bit(4)},
        Design(
            views(
                "x16 x32 x1 x2 x3",
                "quarter x4 x8 x1 x2",
                "beat x64 x32 x16",
                "x8 x16 x24 x4",
                "beat x1 x2 x3 x4 x5",
                "hat: hat4 hat8 hat12 hat16 hat1 hat2",
                "snare: beat snare1 snare2 snare16 snare15 snare17",
                "kick: beat kick16 kick32 kick48 kick64",
                "x1 x2 x3 x4 x5 x6 x7",
                "beat x1 x15 x16 x17",
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
            (
                Likeness((), "event", 16, 64),
                *(Likeness(("x1",), drum, 16, 64) for drum in ("kick", "snare", "hat")),
            ),
        ),
        SLOTS,
    ),
    "bass16": Task(
        13,
        {**BEAT, **CHORD},
        {
            **_HARMONY,
            "since": series.since(17),
            "last": series.last_sound,
            "new": series.changed("chord"),
            "sound": series.sound,
        },
        {"sounding": _sounding},
        Design(
            (
                *views("x16 x32 x1 beat x17", "beat x1 x2 x3 x4", "beat x16 x32 x48", "new since last beat"),
                *views("sounding: sound64 sound32 sound16", "sounding: sound16 sound17 sound1 sound2 sound18"),
                *views("sounding: sound16 sound32 sound48 sound64", "sounding: sound16 sound1 sound17 sound8"),
                *views("sounding: beat chord sound1", "sounding: chord sound16 sound1"),
                *orders(8, least=8, name="sound", target="sounding"),
            ),
            (
                *orders(2, "beat"),
                *views("beat x16", "beat chord", "beat chord x1", "beat chord x16", "since last", "beat since last"),
                *orders(4),
                *views("sounding: beat", "sounding: beat chord", "sounding: beat sound16", "sounding: sound16 sound32"),
                *orders(4, "beat", name="sound", target="sounding"),
                *orders(8, least=1, name="sound", target="sounding"),
            ),
            (),
            (
                Likeness(("chord",), "event", 16, 96),
                Likeness(("chord", "x1"), "sounding", 16, 96),
                Likeness(("chord", "new"), "sounding", 4, 64),
            ),
        ),
        SLOTS,
    ),
}
