"""The prediction tasks, one row each: the events, the side information, and the viewpoints that predict them."""

from __future__ import annotations

from collections.abc import Mapping

from engine.models.hidden import Cycle, Syntax
from engine.models.mixture import Design
from engine.models.recall import Likeness
from engine.models.viewpoints import View
from engine.train import series, targets
from engine.train.slot_tasks import SLOT_TASKS
from engine.train.task import BEAT, CHORD, LABEL, Sizes, Task, orders, views

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
    return Task(
        12 * quality, {}, derived, {"step": targets.step(quality)}, Design(long, short, (), (Likeness(),), (Cycle(12),))
    )


def _melody(events: int, sides: Sizes, long: tuple[View, ...], short: tuple[View, ...], like: tuple[str, ...]) -> Task:
    middle = 30 if events == 61 else 0
    harmony = "chord" in sides
    derived = {name: derive for name, derive in _SCALE.items() if name != "new" or harmony}
    derived |= {**_HARMONY, **_OVER} if harmony else {}
    derived |= {"gap": series.gap} if "beat" in sides else {}
    classes = {"step": targets.step(), **({"degree": targets.degree(middle)} if harmony else {})}
    classes |= {"pc": targets.pitch_class} if events == 61 else {}
    long = (*_MELODY_LONG, *(_CHORD_LONG if harmony else ()), *long)
    short = (*_MELODY_SHORT, *(_CHORD_SHORT if harmony else ()), *short)
    # Another verse has other syllables: a note more here, one less there.
    first = Likeness(like, slide=70)
    hidden = (Cycle(16, "root" if harmony else ""),)
    second = first._replace(target="degree" if harmony else "step")
    return Task(events, sides, derived, classes, Design(long, short, (), (first, second), hidden))


_CHANGES = ("minor major x1", "x4 x8 x12 x16", "x1 mixed x2", "x1 x2 x3 x4 x5 x6", "place x1 x2", "x1 x4 x8")
_LABELS = ("intro", "verse", "prechorus", "chorus", "bridge", "solo", "interlude", "outro", "other", "")

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
            (Syntax("rock-form", "Song", _LABELS),),
        ),
    ),
    "seclen": Task(
        33,
        LABEL,
        {"index": series.index(8)},
        {"four": targets.modulo(4), "eight": targets.modulo(8)},
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
            (Cycle(12), Cycle(16, "label")),
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
        {"landing": targets.landing},
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
    **SLOT_TASKS,
}
