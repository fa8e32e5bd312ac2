"""Cards of weights as this project ships them, written for a test with made-up accuracies."""

from __future__ import annotations

import dataclasses
import json
from typing import TYPE_CHECKING, Any

from explorer.shipped.table import CIFAR_10, find
from explorer.training import recipe as recipes

if TYPE_CHECKING:
    from pathlib import Path

    from explorer.training.recipe import Recipe


def recipe(model: str, **changed: Any) -> Recipe:
    """The recipe a model is shipped with, or CIFAR-10's, with some settings changed."""
    known = find(model)
    usual = known.recipe if known else dataclasses.replace(CIFAR_10, network=model)
    return dataclasses.replace(usual, **changed)


def write(folder: Path, model: str, top1: float, **changed: Any) -> None:
    """Write the card of a model, `changed` settings in its recipe; its file holds no weights."""
    used = recipe(model, **changed)
    (folder / f"{model}.safetensors").write_bytes(b"")
    card = {
        "model": model, "classes": list("abcdefghij"), "mean": [0.5], "std": [0.25],
        "grey": False, "invert_light": False, "pictures": [3, 32, 32], "top1": top1,
        "top1_of_1000": top1, "train_top1": top1 - 1, "dataset": "CIFAR-10 as JPEG",
        "licence": "MIT.", "note": "It knows ten classes.", "recipe": recipes.told(used),
        "seed": used.seed, "epochs": used.length, "seconds": 400.0, "machine": "a processor",
        "precision": "fp16", "sha256": "0" * 64, "full": "The full schedule was not run.",
        "command": f"python -m explorer weights make {model}",
    }  # fmt: skip
    (folder / f"{model}.json").write_text(json.dumps(card), "utf-8")
