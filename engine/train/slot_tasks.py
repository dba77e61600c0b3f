"""The prediction tasks whose events are the sixteenths of a bar: sung onsets, drums and bass."""

from __future__ import annotations

from collections.abc import Mapping

from engine.models.hidden import Cycle
from engine.models.mixture import Design
from engine.models.recall import Likeness
from engine.train import series, targets
from engine.train.fit_mixture import Settings
from engine.train.task import BEAT, CHORD, Task, orders, views

_SETTINGS = Settings(power=1.0, discount=0.7, lean=1.5)
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
_BARS = (Cycle(12, "beat", bar=True),)  # kinds of bars, as drums and bass are composed from
_AROUND = {"since": series.since(33)}

SLOT_TASKS: Mapping[str, Task] = {
    "onset16": Task(
        2,
        BEAT,
        _AROUND,
        {},
        Design(
            _SLOTS_LONG,
            _SLOTS_SHORT,
            (),
            (Likeness(("since",), "event", 16, 64), Likeness(("since",), "event", 4, 64)),
            _BARS,
        ),
        _SETTINGS,
    ),
    "drum16": Task(
        32,
        BEAT,
        {"kick": series.bit(0), "snare": series.bit(1), "hat": series.bit(2), "quarter": series.quarter},
        {
            "kick": targets.bit(0),
            "snare": targets.bit(1),
            "hat": targets.bit(2),
            "crash": targets.bit(3),
            "tom": targets.bit(4),
        },
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
            _BARS,
        ),
        _SETTINGS,
    ),
    "bass16": Task(
        13,
        {**BEAT, **CHORD},
        {
            "root": series.root,
            "kind": series.kind,
            "since": series.since(17),
            "last": series.last_sound,
            "new": series.changed("chord"),
            "sound": series.sound,
        },
        {"sounding": targets.sounding},
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
            _BARS,
        ),
        _SETTINGS,
    ),
}
