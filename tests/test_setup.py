"""The two commands of the README, without running what takes gigabytes."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path

import psutil
import pytest

ROOT = Path(__file__).resolve().parents[1]
MAKE = shutil.which("make")

pytestmark = pytest.mark.skipif(MAKE is None, reason="make is not installed")


def make(folder: Path, *arguments: str, **environment: str) -> subprocess.CompletedProcess[str]:
    """Run make in a folder, with nothing of this make's own in the environment."""
    inherited = {key: value for key, value in os.environ.items() if not key.startswith("MAKE")}
    return subprocess.run(
        [MAKE or "make", *arguments],
        cwd=folder,
        env=inherited | environment,
        capture_output=True,
        text=True,
        check=False,
        timeout=60,
    )


@pytest.fixture
def clone(tmp_path: Path) -> Path:
    """What make looks at, with an installation that is as new as pyproject.toml."""
    for name in ("Makefile", "pyproject.toml"):
        shutil.copy(ROOT / name, tmp_path)
    (tmp_path / ".venv/bin").mkdir(parents=True)
    for name in ("bin/python", "installed", "installed-test"):
        (tmp_path / ".venv" / name).touch()
    return tmp_path


@pytest.fixture
def bare_machine(tmp_path: Path) -> Callable[..., str]:
    """A PATH with nothing but the programs given, each of which says how it was called."""

    def with_programs(**scripts: str) -> str:
        folder = tmp_path / "bin"
        folder.mkdir()
        for name, script in scripts.items():
            program = folder / name.replace("_", "-")
            program.write_text(f"#!/bin/bash\n{script}\n")
            program.chmod(0o755)
        return str(folder)

    return with_programs


def test_a_second_start_installs_nothing(clone: Path) -> None:
    """With the stamp in place only the server is started, on the port asked for."""
    done = make(clone, "-n", "app", "PORT=8765")
    assert done.returncode == 0, done.stderr
    assert "pip" not in done.stdout
    assert "streamlit run app.py --server.port=8765" in done.stdout
    assert "http://localhost:8765" in done.stdout


def test_a_changed_pyproject_installs_again(clone: Path) -> None:
    """The stamp is older than what it stands for."""
    later = time.time() + 60
    os.utime(clone / "pyproject.toml", (later, later))
    assert "pip install --disable-pip-version-check -e ." in make(clone, "-n", "app").stdout


def test_the_default_port_is_streamlits_own(clone: Path) -> None:
    """The README says 8501."""
    assert "--server.port=8501" in make(clone, "-n", "app").stdout


def test_no_python_is_said(tmp_path: Path) -> None:
    """A machine with another Python than 3.11 or 3.12 hears which ones will do."""
    shutil.copy(ROOT / "Makefile", tmp_path)
    done = make(tmp_path, ".venv/bin/python", "PYTHON=")
    assert done.returncode != 0
    assert "Python 3.11 or 3.12" in done.stderr


def test_make_test_means_lint_types_browser_and_suite(clone: Path) -> None:
    """Nothing of what a change has to pass is left out."""
    plan = make(clone, "-n", "test").stdout
    for step in ("ruff check .", "ruff format --check .", "mypy", "chromium", "pytest"):
        assert step in plan
    assert "not slow" in plan
    assert "not slow" not in make(clone, "-n", "test-all").stdout


def test_chromium_is_left_alone_where_it_is(clone: Path, bare_machine: Callable[..., str]) -> None:
    """No apt-get when a browser is there."""
    path = bare_machine(google_chrome="exit 1", apt_get="echo apt-get called")
    done = make(clone, "chromium", PATH=path)
    assert (done.returncode, done.stdout) == (0, "")


def test_chromium_is_installed_as_root(clone: Path, bare_machine: Callable[..., str]) -> None:
    """Root needs no sudo."""
    path = bare_machine(id="echo 0", apt_get='echo "apt-get $@"', env='shift; "$@"')
    done = make(clone, "chromium", PATH=path)
    assert done.returncode == 0, done.stderr
    assert "apt-get update" in done.stdout
    assert re.search(r"apt-get install .*\bchromium$", done.stdout, re.MULTILINE)


def test_chromium_is_installed_through_sudo(clone: Path, bare_machine: Callable[..., str]) -> None:
    """Others do."""
    path = bare_machine(
        id="echo 1000", apt_get="true", sudo='echo "sudo $@"; "$@"', env='shift; "$@"'
    )
    done = make(clone, "chromium", PATH=path)
    assert done.returncode == 0, done.stderr
    assert "sudo apt-get update" in done.stdout
    assert re.search(r"sudo .*apt-get install .*\bchromium$", done.stdout, re.MULTILINE)


@pytest.mark.parametrize(
    ("programs", "said"),
    [
        ({"id": "echo 1000", "apt_get": "true"}, "as root, run: apt-get install chromium"),
        ({"id": "echo 0"}, "there is no apt-get"),
    ],
)
def test_chromium_that_cannot_be_installed_is_said(
    clone: Path, bare_machine: Callable[..., str], programs: dict[str, str], said: str
) -> None:
    """A failure, not a suite without its browser."""
    done = make(clone, "chromium", PATH=bare_machine(**programs))
    assert done.returncode != 0
    assert said in done.stderr


def test_the_ordinary_wheels_are_installed() -> None:
    """The same installation runs on CPU and GPU: no index, no special wheel."""
    for name in ("Makefile", "pyproject.toml", ".ci/run", "README.md", "CONTRIBUTING.md"):
        text = (ROOT / name).read_text(encoding="utf-8")
        assert not re.search(r"index-url|/whl/|\+cpu|find-links", text), name


def test_continuous_integration_runs_what_a_person_runs() -> None:
    """`.ci/run` is executable and fails when `make test` does."""
    script = ROOT / ".ci/run"
    lines = script.read_text(encoding="utf-8").splitlines()
    assert os.access(script, os.X_OK)
    assert lines[0] == "#!/usr/bin/env bash"
    assert "set -euo pipefail" in lines
    assert lines[-1] == "make test"


@pytest.mark.parametrize(("ci", "outcome"), [("true", "1 error"), ("", "1 skipped")])
def test_a_missing_browser_fails_where_it_is_promised(
    tmp_path: Path, ci: str, outcome: str
) -> None:
    """Continuous integration may not skip the browser; a person's machine may, with a reason."""
    shutil.copy(ROOT / "tests/conftest.py", tmp_path)
    (tmp_path / "test_it.py").write_text("def test_it(browser): pass\n")
    done = subprocess.run(
        [sys.executable, "-m", "pytest", "-rsE", "-p", "no:cacheprovider", str(tmp_path)],
        cwd=tmp_path,
        env=os.environ | {"PATH": str(tmp_path), "CI": ci},
        capture_output=True,
        text=True,
        check=False,
        timeout=60,
    )
    assert outcome in done.stdout
    assert "no browser" in done.stdout


def test_the_server_answers_within_six_seconds_of_work(
    start_page_server: Callable[[], str],
) -> None:
    """A second start is quick: CPU time until the health address answers, on any machine."""
    known = set(psutil.pids())
    started = time.monotonic()
    url = start_page_server()
    port = url.rpartition(":")[2]
    server = next(
        each
        for each in psutil.process_iter(["cmdline", "cpu_times"])
        if each.pid not in known and f"--server.port={port}" in (each.info["cmdline"] or [])
    )
    used = server.info["cpu_times"]
    assert used.user + used.system < 6, f"{time.monotonic() - started:.1f} s on the clock"
