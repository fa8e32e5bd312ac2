"""How long work says how far it is.

A library function that takes long accepts `progress: Progress = silent` and calls it with the
fraction done (0 to 1) and a short sentence. The callable may raise `Cancelled`; let it through.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import TypeAlias

Progress: TypeAlias = Callable[[float, str], None]


def silent(fraction: float, sentence: str) -> None:
    """Ignore progress."""
