"""The wheel: built, installed in an environment of its own, and run from another folder."""

from __future__ import annotations

import subprocess
import sys
import sysconfig
import zipfile
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parent.parent.parent

pytestmark = pytest.mark.slow


def run(*words: object, cwd: Path) -> bytes:
    done = subprocess.run([str(word) for word in words], cwd=cwd, capture_output=True)
    assert done.returncode == 0, done.stderr.decode()
    return done.stdout


@pytest.fixture(scope="module")
def wheel(tmp_path_factory):
    pytest.importorskip("hatchling")
    folder = tmp_path_factory.mktemp("wheel")
    # The build tools of this environment are used, so that nothing is fetched.
    run(sys.executable, "-m", "pip", "wheel", "--no-deps", "--no-build-isolation", "-w", folder, ROOT, cwd=folder)
    return next(folder.glob("*.whl"))


@pytest.fixture(scope="module")
def installed(wheel, tmp_path_factory):
    """The folder of programs of a fresh environment that holds the wheel."""
    folder = tmp_path_factory.mktemp("env")
    run(sys.executable, "-m", "venv", folder, cwd=folder)
    run(folder / "bin" / "python", "-m", "pip", "install", "--no-deps", "--no-index", wheel, cwd=folder)
    # What it depends on is lent by this environment.
    lib = Path(sysconfig.get_path("purelib", vars={"base": str(folder), "platbase": str(folder)}))
    (lib / "lent.pth").write_text(sysconfig.get_path("purelib") + "\n")
    return folder / "bin"


def test_the_wheel_adds_one_import_name_and_its_data(wheel):
    names = zipfile.ZipFile(wheel).namelist()
    assert {name.partition("/")[0] for name in names if ".dist-info" not in name} == {"engine"}
    assert "engine/_data/styles/rock.yaml" in names
    assert any(name.endswith(".grammar") for name in names)
    assert any(name.startswith("engine/trained/rock/") for name in names)
    assert any(name.endswith("licenses/NOTICE") for name in names)


def test_fitted_models_stay_under_five_megabytes(wheel):
    files = [info for info in zipfile.ZipFile(wheel).infolist() if info.filename.startswith("engine/trained/")]
    assert sum(info.file_size for info in files) < 5_000_000


def test_the_installed_program_composes_the_same_song(installed, tmp_path):
    run(installed / "hookline", "compose", "--seed", "11", "-o", "song.mid", cwd=tmp_path)
    here = run(sys.executable, ROOT / "cli.py", "compose", "--seed", "11", "-o", "-", cwd=tmp_path)
    assert (tmp_path / "song.mid").read_bytes() == here


def test_the_installed_program_brings_its_styles_and_grammars(installed, tmp_path):
    assert run(installed / "hookline", "styles", "list", cwd=tmp_path).startswith(b"ballad ")
    assert b"good" in run(installed / "hookline", "grammars", "check", "rock-form", cwd=tmp_path)
    home = run(installed / "python", "-c", "import engine; print(engine.__file__)", cwd=tmp_path).decode()
    assert Path(home).is_relative_to(installed.parent)
