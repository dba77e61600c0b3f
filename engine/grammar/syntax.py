"""The notation: text to statements, with places, by a real parser. See docs/grammar-format.md.

Only here is lark imported: a packaged grammar is composed from its compiled form.
"""

from __future__ import annotations

from fractions import Fraction
from functools import lru_cache
from typing import Any, NamedTuple

from lark import Lark, Token, Transformer, UnexpectedCharacters, UnexpectedInput, UnexpectedToken, v_args
from lark.exceptions import VisitError

from engine.grammar.model import BAR, FOREVER, Item, Length, Place
from engine.grammar.problems import Problem

MOST_BARS = 1024

_NOTATION = r"""
file: _NL? (statement (_NL statement)*)? _NL?
?statement: start | terminals | lengths | grid | imports | rules
start: "start" (name (":" _spans)?)+
terminals: "terminals" name+
lengths: "length" name "=" choice ("|" choice)*
choice: bars weight?
grid: "grid" bars
imports: "import" (NAME | STRING)
rules: name (":" _spans)? "->" alternative ("|" alternative)*
_spans: span ("," span)*
span: bars (DOTS bars?)? | DOTS bars
alternative: (let* part+ | empty) mark?
empty: "(" ")"
let: "let" binding ("," binding)* "in"
binding: name "=" name (":" measure)?
part: name (":" measure)?                          -> sub
    | name PRIME                                   -> vary
    | name ".end" "(" name (":" measure)? ")"      -> end
mark: "[" number? LABEL? "]"
weight: "[" number "]"
measure: bars -> fixed
       | bars? N ("/" WHOLE)? (SIGN bars)?  -> relative
bars: WHOLE ("/" WHOLE)?
number: WHOLE "/" WHOLE | WHOLE | DECIMAL
name: NAME | STRING

DOTS: ".."
PRIME: "'"
SIGN: "+" | "-"
N.2: /n(?![A-Za-z0-9_])/
WHOLE: /[0-9]{1,6}/
DECIMAL: /[0-9]{0,6}\.[0-9]{1,6}/
NAME: /#?[A-Za-z_][A-Za-z0-9_#+]*(\/[#b]?[A-Za-z][A-Za-z0-9_]*)?/
LABEL: /[A-Za-z_][A-Za-z0-9_.-]*/
STRING: /"[^"\n]{1,60}"/
_NL: /\n(?=[^\s%|])/
%ignore /[ \t\r\f]+/
%ignore /\n(?=[\s%|]|\Z)/
%ignore /%[^\n]*/
"""

_EXPECTED = {
    "NAME": "a name", "STRING": "a name in quotes", "WHOLE": "a number", "DECIMAL": "a number", "N": "n",
    "__ANON_0": "->", "LABEL": "a label", "PRIME": "'", "DOTS": "..", "SIGN": "+ or -", "$END": "the end of the file",
    "COLON": ":", "EQUAL": "=", "VBAR": "|", "SLASH": "/", "LPAR": "(", "RPAR": ")", "LSQB": "[", "RSQB": "]",
    "COMMA": "a comma",
}  # fmt: skip


class Name(NamedTuple):
    """A name as written (one in quotes begins with a quote), and where."""

    text: str
    place: Place


class Alternative(NamedTuple):
    """A right side: its parts, weight (None: 1) and label, and where it begins."""

    items: tuple[Item, ...]
    weight: Fraction
    label: str
    place: Place


class Statement(NamedTuple):
    """A statement: its kind, the names it speaks of, and its values by kind.

    start: ((name, spans), ...); terminals: names; length: (name, ((units, weight), ...)); grid: units;
    import: name; rules: (name, spans, alternatives).
    """

    kind: str
    place: Place
    value: Any


class SyntaxProblem(Exception):
    """A text that is no grammar; carries the problem."""

    def __init__(self, problem: Problem) -> None:
        super().__init__(problem.message)
        self.problem = problem


@lru_cache(maxsize=1)
def _parser() -> Lark:
    return Lark(_NOTATION, start="file", parser="lalr", propagate_positions=True, maybe_placeholders=False)


def parse(text: str, file: str) -> tuple[Statement, ...]:
    """Return the statements of a text; raises SyntaxProblem at the first place that cannot be read."""
    try:
        tree = _parser().parse(text)
        return tuple(_Reader(file).transform(tree))
    except UnexpectedInput as error:
        raise SyntaxProblem(_syntax(error, text, file)) from None
    except VisitError as error:
        if isinstance(error.orig_exc, SyntaxProblem):
            raise error.orig_exc from None
        raise


def _syntax(error: UnexpectedInput, text: str, file: str) -> Problem:
    accepted: set[str] = set()
    width, found = 1, ""
    if isinstance(error, UnexpectedToken):
        accepted = set(error.accepts or error.expected)
        found = str(error.token)
        width = len(found) if "\n" not in found else 1
    elif isinstance(error, UnexpectedCharacters):
        accepted = set(error.allowed or ())
        found = text[error.pos_in_stream] if error.pos_in_stream is not None else ""
    line, column = error.line, error.column
    at_end = isinstance(error, UnexpectedToken) and error.token.type == "$END"
    if at_end or line is None or line < 1:
        lines = text.splitlines() or [""]
        line, column, found = len(lines), len(lines[-1]) + 1, ""
    if isinstance(error, UnexpectedToken) and error.token.type == "_NL":
        what = "the statement ends too early"
        # The place of a line end is the end of the line before.
        before = text[: error.token.start_pos or 0].split("\n")
        line, column = len(before), len(before[-1]) + 1
    else:
        what = f'"{found}" cannot stand here' if found.strip() else "the file ends too early"
    wanted = sorted({_EXPECTED.get(name, name.lower()) for name in accepted if name != "_NL"})
    hint = f"expected {', '.join(wanted)}" if 0 < len(wanted) <= 8 else ""
    return Problem((file, line, column, column + width), what, hint)


@v_args(inline=True)
class _Reader(Transformer):  # type: ignore[type-arg]
    """Turns lark's tree into statements."""

    def __init__(self, file: str) -> None:
        super().__init__()
        self._file = file

    def _place(self, token: Token) -> Place:
        return (self._file, token.line or 0, token.column or 0, token.end_column or 0)

    def _refuse(self, meta: Any, message: str) -> SyntaxProblem:
        return SyntaxProblem(Problem((self._file, meta.line, meta.column, meta.end_column), message))

    def name(self, token: Token) -> Name:
        # A name in quotes keeps the first of them as its mark.
        return Name(token[:-1] if token.type == "STRING" else str(token), self._place(token))

    @v_args(inline=True, meta=True)
    def bars(self, meta: Any, whole: Token, under: Token | None = None) -> int:
        if under is not None and int(under) == 0:
            raise self._refuse(meta, "nothing can be divided by 0")
        units = Fraction(int(whole) * BAR, int(under or 1))
        if units.denominator != 1:
            raise self._refuse(meta, f"a length must be a multiple of 1/{BAR} bar")
        if units > MOST_BARS * BAR:
            raise self._refuse(meta, f"a length must be at most {MOST_BARS} bars")
        return int(units)

    @v_args(inline=True, meta=True)
    def number(self, meta: Any, token: Token, under: Token | None = None) -> Fraction:
        if under is not None and int(under) == 0:
            raise self._refuse(meta, "nothing can be divided by 0")
        return Fraction(str(token)) / int(under or 1)

    def span(self, *parts: Any) -> tuple[int, int]:
        if len(parts) == 1:
            return parts[0], parts[0]
        if isinstance(parts[0], Token):
            return 0, parts[1]
        return parts[0], parts[2] if len(parts) == 3 else FOREVER

    def fixed(self, units: int) -> Length:
        return Length(0, 1, units)

    @v_args(inline=True, meta=True)
    def relative(self, meta: Any, *parts: Any) -> Length:
        rest = list(parts)
        times = Fraction(rest.pop(0), BAR) if not isinstance(rest[0], Token) else Fraction(1)
        rest.pop(0)  # n
        if rest and rest[0].type == "WHOLE":
            under = int(rest.pop(0))
            if under == 0:
                raise self._refuse(meta, "nothing can be divided by 0")
            times /= under
        add = (1 if rest[0] == "+" else -1) * rest[1] if rest else 0
        return Length(times.numerator, times.denominator, add)

    def sub(self, name: Name, length: Length | None = None) -> Item:
        return Item("sub", name.text, length, place=name.place)

    def vary(self, name: Name, _prime: Token) -> Item:
        return Item("use", name=name.text, change="vary", place=name.place)

    def end(self, name: Name, ending: Name, length: Length | None = None) -> Item:
        return Item("use", ending.text, length, name.text, "end", name.place)

    def binding(self, name: Name, symbol: Name, length: Length | None = None) -> Item:
        return Item("bind", symbol.text, length, name.text, place=name.place)

    def let(self, *bindings: Item) -> tuple[Item, ...]:
        return bindings

    def empty(self) -> tuple[Item, ...]:
        return ()

    def mark(self, *parts: Any) -> tuple[Fraction, str]:
        weight, label = Fraction(1), ""
        for part in parts:
            if isinstance(part, Token):
                label = str(part)
            else:
                weight = part
        return weight, label

    def weight(self, number: Fraction) -> Fraction:
        return number

    @v_args(inline=True, meta=True)
    def alternative(self, meta: Any, *parts: Any) -> Alternative:
        items: list[Item] = []
        weight, label = Fraction(1), ""
        for part in parts:
            if isinstance(part, Item):
                items.append(part)
            elif part and isinstance(part[0], Fraction):
                weight, label = part
            else:
                items.extend(part)
        return Alternative(tuple(items), weight, label, (self._file, meta.line, meta.column, meta.end_column))

    def choice(self, units: int, weight: Fraction = Fraction(1)) -> tuple[int, Fraction]:
        return units, weight

    def start(self, *parts: Any) -> Statement:
        found: list[tuple[Name, list[tuple[int, int]]]] = []
        for part in parts:
            if isinstance(part, Name):
                found.append((part, []))
            else:
                found[-1][1].append(part)
        return Statement("start", found[0][0].place, tuple((name, tuple(spans)) for name, spans in found))

    def terminals(self, *names: Name) -> Statement:
        return Statement("terminals", names[0].place, names)

    def lengths(self, name: Name, *choices: tuple[int, Fraction]) -> Statement:
        return Statement("length", name.place, (name, choices))

    @v_args(inline=True, meta=True)
    def grid(self, meta: Any, units: int) -> Statement:
        return Statement("grid", (self._file, meta.line, meta.column, meta.end_column), units)

    def imports(self, token: Token) -> Statement:
        quoted = token.type == "STRING"
        return Statement("import", self._place(token), token[1:-1] if quoted else str(token))

    def rules(self, name: Name, *parts: Any) -> Statement:
        spans = tuple(part for part in parts if not isinstance(part, Alternative))
        return Statement(
            "rules", name.place, (name, spans, tuple(part for part in parts if isinstance(part, Alternative)))
        )

    def file(self, *statements: Statement) -> list[Statement]:
        return list(statements)
