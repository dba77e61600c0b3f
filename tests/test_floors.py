"""The rules of the house that can be read from the imports, held for every file."""

from __future__ import annotations

import ast
import json
import re
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parent.parent
FILES = sorted(ROOT.glob("engine/**/*.py"))

# Lowest first; a file imports from its own floor and from those before it. See docs/architecture.md.
FLOORS = (
    (
        "engine.garbage",
        "engine.errors",
        "engine.stream",
        "engine.files",
        "engine.version",
        "engine.jobs",
        "engine.stores",
    ),
    ("engine.song", "engine.theory", "engine.document", "engine.midifile"),
    ("engine.chain",),
    ("engine.style", "engine.grammar", "engine.models"),
    ("engine.plan",),
    ("engine.parts",),
    ("engine.perform",),
    ("engine.export", "engine.audio", "engine.notation", "engine.picture", "engine.page", "engine.measure"),
    ("engine.pipeline", "engine.request"),
    ("engine.bench",),
    ("engine.batch",),
    ("engine.explain",),
    ("engine.alone",),
    ("engine.api",),
    ("engine.cli",),
)
# Beside the floors: training may import what it fits, and of the program only the command may import it.
TRAIN = "engine.train"
# And learning, which hears files with what training fitted.
LEARN = "engine.learn"
# Song.to_pretty_midi is a method so that people find it; the work is done where files are made.
ALLOWED = {("engine.song", "engine.export.pretty")}

HEAVY = {"sklearn", "hmmlearn", "music21", "scipy", "matplotlib", "lark", "pretty_midi", "mido", "symusic", "joblib"}
HEAVY |= {"soundfile", "pyloudnorm", "resvg_py"}
AUDIBLE = ("engine.midifile", "engine.audio", "engine.measure", "engine.picture", "engine.page")
LIGHT = {"numpy", "yaml", "engine"}


def name_of(file: Path) -> str:
    return ".".join(file.relative_to(ROOT).with_suffix("").parts).removesuffix(".__init__")


def imports(file: Path) -> Iterator[str]:
    """Yield the full names a file imports, also inside functions; what only types need is left out."""
    typing_only: set[ast.AST] = set()
    for node in ast.walk(ast.parse(file.read_text())):
        if isinstance(node, ast.If) and "TYPE_CHECKING" in ast.unparse(node.test):
            typing_only |= {child for statement in node.body for child in ast.walk(statement)}
        if node in typing_only:
            continue
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            assert not node.level, f"{file}: a relative import"
            for alias in node.names:
                full = f"{node.module}.{alias.name}"
                yield full if (ROOT / Path(*full.split("."))).with_suffix(".py").is_file() else str(node.module)


def floor(name: str) -> int | None:
    for number, homes in enumerate(FLOORS):
        if any(name == home or name.startswith(f"{home}.") for home in homes):
            return number
    return None


@pytest.mark.parametrize("file", FILES, ids=name_of)
def test_a_file_imports_only_from_below(file):
    name = name_of(file)
    if name.startswith((TRAIN, LEARN)) or name == "engine":
        return
    own = floor(name)
    assert own is not None, f"{name} stands on no floor: give it one in docs/architecture.md and here"
    for imported in imports(file):
        if imported.startswith("engine.") and (name, imported) not in ALLOWED:
            if imported.startswith(LEARN):
                assert name.startswith(("engine.cli", "engine.alone")), f"{name} imports {imported}"
                continue
            if imported.startswith(TRAIN):
                assert name.startswith(("engine.cli", "engine.measure")), f"{name} imports {imported}"
                continue
            there = floor(imported)
            assert there is not None and there <= own, f"{name} imports {imported}, from above"


def test_every_file_but_training_is_light():
    for file in FILES:
        if name_of(file).startswith(
            (TRAIN, LEARN, "engine.cli", "engine.export.pretty", "engine.grammar", "engine.notation.engrave", *AUDIBLE)
        ):
            continue
        for imported in imports(file):
            package = imported.partition(".")[0]
            assert package in sys.stdlib_module_names | LIGHT, f"{name_of(file)} imports {imported}"


def test_players_do_not_hear_one_another():
    from engine.parts import PLAYERS

    homes = {player.__module__ for player in PLAYERS.values()}
    homes |= {home.rpartition(".")[0] for home in homes if home.count(".") > 2}
    for home in homes:
        files = [file for file in FILES if name_of(file) == home or name_of(file).startswith(f"{home}.")]
        for file in files:
            for imported in imports(file):
                others = {other for other in homes if not (other.startswith(home) or home.startswith(other))}
                assert not imported.startswith(tuple(others)), f"{name_of(file)} imports {imported}"


@pytest.mark.parametrize("file", FILES, ids=name_of)
def test_chance_time_and_pickles_stay_out(file):
    name = name_of(file)
    banned = {"random", "secrets", "pickle", "marshal", "shelve", "uuid"}
    if not name.startswith((TRAIN, "engine.measure", "engine.cli.progress")):
        banned |= {"time", "datetime"}
    assert not banned & {imported.partition(".")[0] for imported in imports(file)}
    assert "numpy.random" not in set(imports(file))
    # Clustering and starting points of a fit may draw numbers, from a fixed state.
    chance = r"\bnp\.random\b(?!\.RandomState\([0-9])" if name.startswith(TRAIN) else r"\bnp\.random\b"
    assert not re.search(rf"{chance}|\beval\(|\bexec\(", file.read_text())


def loaded_by(code: str) -> set[str]:
    """Return the top-level names of all modules loaded after running ``code`` in a fresh Python."""
    script = f"{code}\nimport json, sys\nprint(json.dumps(sorted({{m.partition('.')[0] for m in sys.modules}})))"
    done = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=True, cwd=ROOT)
    return set(json.loads(done.stdout.splitlines()[-1]))


def test_composing_loads_nothing_heavy():
    assert not loaded_by("import engine.export as e, engine\ne.encode(engine.compose(seed=1), 'x.mid')") & HEAVY


def test_no_packaged_style_loads_anything_heavy():
    styles = "import engine\nfrom engine.style import names\nfor name in names(): engine.compose(seed=1, style=name)"
    assert not loaded_by(styles) & HEAVY


def run_program(*words: str) -> str:
    argv = ["hookline", *words]
    return f"import sys\nsys.argv = {argv}\nfrom engine import cli\ntry: cli.main()\nexcept SystemExit: pass"


def test_the_compose_command_loads_nothing_heavy():
    assert not loaded_by(run_program("compose", "--seed", "1", "--json")) & (HEAVY | {"rich", "pydantic"})


@pytest.mark.parametrize("command", [[], ["compose"], ["styles", "show"], ["train"], ["grammars", "check"]])
def test_help_needs_no_numpy(command):
    assert not loaded_by(run_program(*command, "--help")) & (HEAVY | {"numpy", "yaml", "rich"})


def test_importing_the_package_loads_next_to_nothing():
    assert not loaded_by("import engine") & (HEAVY | {"numpy", "yaml", "typer"})


def test_the_floors_are_those_of_the_architecture():
    text = (ROOT / "docs" / "architecture.md").read_text()
    for home in (home for homes in FLOORS for home in homes):
        assert home.replace("engine.", "engine/") in text, f"{home} is not told in docs/architecture.md"
