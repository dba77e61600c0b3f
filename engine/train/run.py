"""The train command: every fit in this folder, its tables written whole, its scores in one table."""

from __future__ import annotations

import time
from collections.abc import Iterator, Sequence
from functools import partial
from importlib import import_module
from pathlib import Path

from engine.errors import CorpusError, EngineError
from engine.files import trained_dir, write_whole
from engine.models.tables import pack
from engine.style import load
from engine.train.base import Fitted, Score, Tell

# In the order in which they run; each is fit_NAME.py with ``fit(data, tell) -> Fitted``.
MODELS = (
    "form", "harmony", "phrases", "manner", "pitch", "rhythm", "hook", "novelty", "drums", "feel", "bass", "guitar",
    "style_grammars",
    "harmonize",
)  # fmt: skip
# Sets of models that have tables of their own beside rock's.
OWN = {"chinese-pop": ("chinese_harmony",), "blues-rock": ("blues_harmony",)}
# What files are heard with; they are no style's.
LISTEN = ("roles", "metre", "chord_hmm", "key", "stretches")


def train_style(style: str, data: Path, folder: Path | None, tell: Tell) -> tuple[Score, ...]:
    """Fit all models, write their tables to ``folder`` (the packaged models when None), return the scores.

    style: a style, or "listen" for the tables that files are heard with.

    Nothing is written before every fit has ended well. Raises CorpusError, ExportError.
    """
    name_of_set = style if style == "listen" else load(style).models
    models = LISTEN if style == "listen" else OWN.get(name_of_set, MODELS)
    target = folder if folder is not None else trained_dir() / name_of_set
    if not data.is_dir():
        raise CorpusError(f"no folder of corpora at {data}", "give the folder that holds rs200 with --data")
    tables: dict[str, bytes] = {}
    scores: list[Score] = []
    for number, name in enumerate(models, 1):
        began = time.monotonic()
        prefix = f"[{number}/{len(models)}] "
        tell(f"{prefix}{name}: fitting")
        fitted = _fit(name, data, partial(_prefixed, tell, prefix))
        for table, content in fitted.tables.items():
            if table in tables:
                raise EngineError(f"two fits make a table named {table}")
            tables[table] = pack(content)
        scores += fitted.scores
        size = sum(len(tables[table]) for table in fitted.tables)
        tell(f"{prefix}{name}: done in {time.monotonic() - began:.0f} s, {size / 1000:.0f} kB")
    target.mkdir(parents=True, exist_ok=True)
    write_whole({str(target / f"{name}.npz"): content for name, content in sorted(tables.items())})
    tell(f"{len(tables)} tables, {sum(map(len, tables.values())) / 1000:.0f} kB in {target}")
    return tuple(scores)


def table_of(scores: Sequence[Score]) -> str:
    """Return the scores as a table of text: bits an event on songs held out, beside a plain bigram."""
    return "\n".join(_rows(scores))


def _rows(scores: Sequence[Score]) -> Iterator[str]:
    width = max([len("model"), *(len(score.model) for score in scores)])
    yield f"{'model':{width}}  {'unit':8} {'events':>8} {'bits':>7} {'bigram':>7} {'saved':>6}"
    for score in scores:
        saved = f"{100 * (1 - score.bits / score.bigram):5.1f}%" if score.bigram else "-"
        yield f"{score.model:{width}}  {score.unit:8} {score.events:8} {score.bits:7.3f} {score.bigram:7.3f} {saved:>6}"


def _fit(name: str, data: Path, tell: Tell) -> Fitted:
    try:
        module = import_module(f"engine.train.fit_{name}")
    except ModuleNotFoundError as error:
        if error.name and error.name.startswith("engine"):
            raise
        raise EngineError(f"training needs {error.name}", 'install it with: pip install "hookline[train]"') from error
    fitted: Fitted = module.fit(data, tell)
    return fitted


def _prefixed(tell: Tell, prefix: str, line: str) -> None:
    tell(prefix + line)
