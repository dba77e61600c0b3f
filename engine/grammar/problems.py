"""What is wrong with a grammar file, told so that it can be mended."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import NamedTuple

from engine.errors import GrammarError
from engine.grammar.model import Place


class Problem(NamedTuple):
    """One problem: where (file, line, column, end column; from 1), what, and what may be meant."""

    place: Place
    message: str
    hint: str = ""

    def show(self, texts: Mapping[str, str]) -> str:
        """Return the problem with its line and a caret below; ``texts`` holds the files' texts."""
        file, line, column, end = self.place
        head = f"{file}:{line}:{column}: {self.message}" if line else f"{file}: {self.message}"
        lines = texts.get(file, "").splitlines()
        if not 0 < line <= len(lines):
            return f"{head} {self.hint}".rstrip()
        # Only so much of a line as helps, and tabs kept so that the caret stands where it should.
        first = max(0, column - 60)
        text = lines[line - 1][first : first + 110]
        lead = "".join("\t" if c == "\t" else " " for c in text[: column - 1 - first])
        caret = "^" * max(min(end - column, len(text) - len(lead)), 1)
        return f"{head}\n  {text}\n  {lead}{caret} {self.hint}".rstrip()


def refuse(problems: Sequence[Problem], texts: Mapping[str, str]) -> GrammarError:
    """Return the error that tells all problems of a file, in order of place."""
    return GrammarError("\n".join(problem.show(texts) for problem in sorted(problems, key=lambda p: p.place)))
