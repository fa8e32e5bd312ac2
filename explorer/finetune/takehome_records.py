"""What is taken home of a run, and how it was checked. No torch here."""

from __future__ import annotations

from dataclasses import dataclass

CLOSE = 1e-4
"""Probabilities that differ by more than this are not those of the same network."""


@dataclass(frozen=True, slots=True)
class Check:
    """The largest difference of any probability from torch's, on so many pictures.

    `of` says which pictures: "pictures held out of this collection".
    """

    difference: float
    pictures: int
    of: str

    @property
    def sentence(self) -> str:
        """What the check found, as it stands in a card."""
        return (
            f"On {self.pictures} {self.of} no probability differed from torch's by more than "
            f"{self.difference:.1e}."
        )


@dataclass(frozen=True, slots=True)
class TakeHome:
    """A network with all that is needed to use it without ConvZoo.

    `path` is the zip, or the folder, and `name` what to call it; `bytes` is its size. `weights` is
    the key of the weights in it. `portable` is how `predict.py` was checked, `onnx` how the ONNX
    file was; None where that was left out, for the reason in `without_onnx`.
    """

    run: str
    weights: str
    path: str
    name: str
    bytes: int
    files: tuple[str, ...]
    portable: Check
    onnx: Check | None
    without_onnx: str = ""
