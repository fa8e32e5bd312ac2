"""Commands of `python -m explorer`, one module each.

A module has `add_parser(commands)`, which says what the command takes and sets `run`, the function
that does it and returns the exit code; `explorer.cli` calls it. None loads torch on import.
"""

from __future__ import annotations

import argparse
from typing import TYPE_CHECKING, TypeAlias

if TYPE_CHECKING:
    Commands: TypeAlias = argparse._SubParsersAction[argparse.ArgumentParser]
