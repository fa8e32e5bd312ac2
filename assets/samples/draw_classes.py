"""Draw pictures of CIFAR-10's ten classes: our own work, given away under CC0 1.0.

Run as `python assets/samples/draw_classes.py`. No photograph, none of CIFAR's pictures and no
network had a part in them: they are outlines set down by hand, lit and blurred as a camera would.
"""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING

from drawn import animals, pets, vehicles

if TYPE_CHECKING:
    from drawn.brush import Scene

FOLDER = Path(__file__).parent

SCENES: dict[str, Callable[[], Scene]] = {
    name: draw
    for module in (vehicles, animals, pets)
    for name, draw in vars(module).items()
    if name.endswith(("_1", "_2"))
}

if __name__ == "__main__":
    for name, draw in SCENES.items():
        draw().picture().save(FOLDER / f"{name}.jpg", quality=90)
