"""What is written aside goes away, also what a killed process left."""

from __future__ import annotations

import os
import subprocess
import sys
import time
from pathlib import Path

import pytest

from explorer.training.data import aside as module
from explorer.training.data.aside import aside


def test_nothing_stays(tmp_path: Path) -> None:
    """What was not moved into place is gone, and so is the folder, also after an error."""
    with aside(tmp_path, "writing") as place:
        (place / "whole").write_text("data")
        (place / "rest").write_text("data")
        (place / "whole").replace(tmp_path / "whole")
    with pytest.raises(KeyError), aside(tmp_path, "writing"):
        raise KeyError
    assert [each.name for each in tmp_path.iterdir()] == ["whole"]


def test_what_a_killed_process_left_is_cleared_away_later(tmp_path: Path) -> None:
    """Not at once, for its machine may be another one; never what is still being written."""
    killed = subprocess.run([sys.executable, "-c", "import os; print(os.getpid())"],
                            capture_output=True, text=True, check=True)  # fmt: skip
    pid, long_ago = int(killed.stdout), time.time() - 2 * module.STALE
    fresh, old = (tmp_path / f".writing-{pid}-{name}" for name in ("fresh", "old"))
    going = tmp_path / f".writing-{os.getpid()}-going"
    other = tmp_path / ".writing-something"
    for each in (fresh, old, going, other):
        each.mkdir()
        (each / "whole").write_text("data")
    for each in (old, going, other):
        os.utime(each, (long_ago, long_ago))
    with aside(tmp_path, "writing"):
        pass
    assert {each.name for each in tmp_path.iterdir()} == {fresh.name, going.name, other.name}
