"""Grammars from files: compiled where the packaged text is as it was fitted, parsed where it is not."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from dataclasses import replace
from functools import lru_cache
from pathlib import Path
from typing import Any

import numpy as np

from engine.errors import GrammarError, ModelError, nearest
from engine.files import data_dir
from engine.grammar.model import Grammar, from_data
from engine.grammar.problems import Problem, refuse
from engine.models import tables

MOST_BYTES = 256_000
MOST_IMPORTS = 8
UNUSED = "cannot be reached"
OWN = "rules"  # what a style's own lines of grammar are called in messages


def load_grammar(name: str | Path, models: str | Path = "rock") -> Grammar:
    """Return a grammar by packaged name ("rock-form") or by path, with the weights that ``models`` learnt.

    The table of learnt weights is named after the last word of the grammar's name (rock-form: "form"). A text
    that is not the one fitted keeps the learnt weights of symbols whose rules are the same. A name of several lines
    is a grammar itself: rules under an import of the grammar that they change, as a style may hold them.
    Raises GrammarError with all problems of the file.
    """
    if isinstance(name, str) and "\n" in name:
        return _load(_imported(name), name, str(models), OWN)
    path = find(name)
    return _load(path, read(path), str(models))


def compiled_own(text: str) -> str:
    """Return the name of a style's own rules among compiled ones: a hash of them and of what they import."""
    return _digest(f"{text}\0{read(_imported(text))}")


def _imported(text: str) -> Path:
    return find(text.partition("\n")[0].removeprefix("import").strip().strip('"'))


def check_file(path: str | Path) -> list[Problem]:
    """Return all problems of a grammar file; none when it is sound. Raises GrammarError if it cannot be read."""
    found = find(path)
    return _parse(found, read(found))[1]


def table_name(path: Path) -> str:
    """Return the name of the fitted table of a grammar file."""
    return path.stem.rpartition("-")[2]


def find(name: str | Path) -> Path:
    """Return the path of a packaged grammar, or the path given; raises GrammarError."""
    text = str(name)
    if isinstance(name, Path) or "/" in text or text.endswith(".grammar"):
        return Path(name)
    path = data_dir("grammars") / f"{text}.grammar"
    if not path.is_file():
        known = [file.stem for file in data_dir("grammars").glob("*.grammar")]
        raise GrammarError(f'unknown grammar "{text}"', nearest(text, known))
    return path


def read(path: Path) -> str:
    """Return the text of a grammar file; raises GrammarError."""
    try:
        data = path.read_bytes()
    except OSError as error:
        raise GrammarError(f"cannot read the grammar {path}: {(error.strerror or str(error)).lower()}") from error
    if len(data) > MOST_BYTES:
        raise GrammarError(f"the grammar {path} is too large: {len(data)} bytes, at most {MOST_BYTES}")
    try:
        return data.decode("utf-8").replace("\r\n", "\n")
    except UnicodeDecodeError as error:
        raise GrammarError(f"the grammar {path} is no UTF-8 text (byte {error.start + 1})") from error


def parse_grammar(text: str, file: str = "grammar", folder: Path | None = None) -> Grammar:
    """Return the grammar of a text, with the weights written there; raises GrammarError with all problems."""
    grammar, problems, texts = _parse((folder or Path()) / file, text, file)
    if problems:
        raise refuse(problems, texts)
    return grammar


def compiled(prior: Grammar, learnt: Grammar) -> tuple[dict[str, Any], dict[str, Any]]:
    """Return (header entries, arrays) that hold a grammar as written and as learnt, for a fitted table."""
    weights = [rule.weight for rule in learnt.all_rules()]
    rows = [(k, n, w) for k, symbol in enumerate(sorted(learnt.lengths)) for n, w in learnt.lengths[symbol]]
    arrays = {
        "rule_weights": np.array(weights, dtype=np.int32),
        "lengths": np.array(rows, dtype=np.int32).reshape(-1, 3),
    }
    return {"grammar": prior.to_data()}, arrays


@lru_cache(maxsize=32)
def _load(path: Path, text: str, models: str, shown: str = "") -> Grammar:
    fitted = _fitted(models, table_name(path))
    digest = _digest(text)
    # An importing text depends on more than itself, so it is always read in full.
    if fitted and fitted[0].digest == digest and "\nimport " not in f"\n{text}":
        return replace(fitted[1], name=path.stem)
    if shown and (known := _compiled().get(compiled_own(text))):
        grammar = replace(from_data(known), name=path.stem)
        return _adopt(grammar, *fitted) if fitted else grammar
    grammar, problems, texts = _parse(path, text, shown)
    if shown:
        # Rules of a style's own may leave parts of the grammar below unused.
        problems = [problem for problem in problems if problem.place[0] == shown or UNUSED not in problem.message]
    if problems and shown:
        # The line that imports is not the style's.
        own = text.partition("\n")[2]
        raise refuse([_raised(problem, shown) for problem in problems], {**texts, shown: own})
    if problems:
        raise refuse(problems, texts)
    return _adopt(grammar, *fitted) if fitted else grammar


@lru_cache(maxsize=1)
def _compiled() -> Mapping[str, Any]:
    """Return the compiled grammars of packaged styles."""
    try:
        found: Mapping[str, Any] = tables.load(tables.SHARED, "style_grammars").header["grammars"]
    except ModelError:
        return {}
    return found


def _raised(problem: Problem, shown: str) -> Problem:
    file, line, column, end = problem.place
    return problem._replace(place=(file, line - (file == shown), column, end))


def _fitted(models: str, name: str) -> tuple[Grammar, Grammar] | None:
    """Return the grammar of a fitted table as written and as learnt, if there is one."""
    try:
        table = tables.load(models, name)
    except ModelError:
        return None
    data = table.header.get("grammar")
    if not data or "rule_weights" not in table.arrays:
        return None
    prior = from_data(data)
    labels = [rule.label for rule in prior.all_rules()]
    learnt = prior.with_weights(dict(zip(labels, table.arrays["rule_weights"].tolist(), strict=True)))
    symbols = sorted(prior.lengths)
    lengths: dict[str, list[tuple[int, int]]] = {symbol: [] for symbol in symbols}
    for k, n, weight in table.arrays["lengths"].tolist():
        lengths[symbols[k]].append((n, weight))
    return prior, replace(learnt, lengths={symbol: tuple(rows) for symbol, rows in lengths.items()})


def _adopt(grammar: Grammar, prior: Grammar, learnt: Grammar) -> Grammar:
    """Return the grammar with learnt weights where its rules, or lengths, are those of ``prior``."""
    plain = from_data(grammar.to_data())
    rules = {
        symbol: learnt.rules[symbol] if prior.rules.get(symbol) == group else grammar.rules[symbol]
        for symbol, group in plain.rules.items()
    }
    lengths = {
        symbol: learnt.lengths[symbol] if prior.lengths.get(symbol) == table else table
        for symbol, table in plain.lengths.items()
    }
    return replace(grammar, rules=rules, lengths=lengths)


def _digest(text: str) -> str:
    return hashlib.sha256(text.encode()).hexdigest()


def _parse(path: Path, text: str, shown: str = "") -> tuple[Grammar, list[Problem], Mapping[str, str]]:
    # Imported here: composing from compiled grammars needs no parser.
    from engine.grammar.build import Builder
    from engine.grammar.check import check
    from engine.grammar.syntax import Statement, SyntaxProblem, parse

    file = shown or str(path)
    builder = Builder(file)
    texts: dict[str, str] = {}
    problems = builder.problems

    def add(path: Path, text: str, file: str, above: tuple[Path, ...]) -> None:
        texts[file] = text

        def imported(statement: Statement) -> None:
            try:
                target = find(statement.value)
                target = target if target.is_absolute() else path.parent / target
                if target.resolve() in above:
                    raise GrammarError(f'"{statement.value}" imports itself')
                if len(texts) > MOST_IMPORTS:
                    raise GrammarError(f"more than {MOST_IMPORTS} imports")
                add(target, read(target), str(target), (*above, target.resolve()))
            except GrammarError as error:
                problems.append(Problem(statement.place, str(error), error.hint))

        try:
            builder.add(parse(text, file), imported)
        except SyntaxProblem as error:
            problems.append(error.problem)

    add(path, text, file, () if shown == OWN else (path.resolve(),))
    broken = bool(problems)
    grammar = builder.build(path.stem, _digest(text))
    if broken:
        # A file that could not be read through would seem to lack symbols that it has.
        return grammar, problems[:1], texts
    problems += check(grammar, sound=not problems)
    return grammar, sorted(problems), texts
