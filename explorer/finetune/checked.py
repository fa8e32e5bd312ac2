"""A network written down twice, and both held against it on real pictures."""

from __future__ import annotations

import contextlib
import dataclasses
import io
from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING

import torch
from PIL import Image

from explorer.collections.store import CollectionStore
from explorer.errors import MissingData
from explorer.exhausted import out_of_memory
from explorer.finetune import portable
from explorer.finetune.takehome_records import CLOSE, Check
from explorer.pictures import intake, samples
from explorer.progress import Progress, silent
from explorer.runs.schema import is_disk_full
from explorer.runs.store import RunStore
from explorer.training import trained
from explorer.vision import preprocess
from explorer.zoo import trained_runs

if TYPE_CHECKING:
    import numpy as np
    from torch import Tensor
    from torch.export import ExportedProgram

    from explorer.collections.records import Collection
    from explorer.pictures.records import Picture
    from explorer.runs.records import Run
    from explorer.vision.records import Preprocessing
    from explorer.zoo.weight_records import WeightsChoice

PORTABLE, ONNX = "model.pt2", "model.onnx"
CHECKED_ON = 16
"""Pictures on which what is taken home is held against the network."""


@dataclasses.dataclass(frozen=True, slots=True)
class Checked:
    """How both files were checked; without ONNX, why."""

    portable: Check
    onnx: Check | None
    without_onnx: str


def network(
    run: Run,
    collection: Collection | None,
    choice: WeightsChoice,
    prepared: Preprocessing,
    folder: Path,
    progress: Progress = silent,
) -> Checked:
    """Write the network of a run into a folder, in both forms, and compare them with it.

    ONNX is left out where it cannot be written, or gives other probabilities. Raises BuildFailed.
    """
    progress(0.0, "Loading the network")
    model = trained.network(f"{trained_runs.PREFIX}{run.id}", choice.path)
    answering = portable.Answering(model.requires_grad_(False)).eval()
    pictures, of = real_pictures(run, collection)
    inputs = torch.cat([preprocess.input_tensor(each, prepared) for each in pictures])
    expected = portable.by_torch(answering, inputs)
    progress(0.1, "Writing the network down")
    program = portable.exported(answering, (len(prepared.mean), *prepared.crop))
    portable.write_portable(program, folder / PORTABLE)
    apart = portable.of_portable(folder / PORTABLE, inputs, expected)
    progress(0.4, "Writing ONNX, and running it")
    about = {
        "classes": trained_runs.began(run).classes,
        "preprocessing": dataclasses.asdict(prepared),
    }
    found, reason = written(program, folder / ONNX, about, inputs, expected)
    onnx = None if found is None else Check(found, len(inputs), of)
    return Checked(Check(apart, len(inputs), of), onnx, reason)


def real_pictures(run: Run, collection: Collection | None) -> tuple[list[Picture], str]:
    """Pictures to compare with, and which ones they are: held-out ones where they are kept."""
    if collection is not None:
        held = [item for item in collection.items if item.part == "validation"]
        chosen = (held or list(collection.items))[:CHECKED_ON]
        store = CollectionStore()
        with contextlib.suppress(MissingData):  # deleted meanwhile
            files = [(store.picture(collection.key, item.id), item.name) for item in chosen]
            which = "held-out pictures" if held else "pictures it learned from"
            return [intake.accept(*each) for each in files], which
    for each in RunStore().seen(run.id):
        if each.pictures is not None and len(each.pictures):
            return [_picture(one) for one in each.pictures[:CHECKED_ON]], "held-out pictures"
    bundled = (each.name for each in samples.SAMPLES if each.subject != "class")
    return [samples.accepted(each) for each in bundled], "sample pictures"


def _picture(values: np.ndarray) -> Picture:
    file = io.BytesIO()
    Image.fromarray(values).save(file, "PNG")
    return intake.accept(file.getvalue(), "picture.png")


def written(
    program: ExportedProgram,
    path: Path,
    about: Mapping[str, object],
    inputs: Tensor,
    expected: Tensor,
) -> tuple[float | None, str]:
    """Write and check ONNX: how far it is from torch, or None and why it was left out.

    `inputs` are prepared pictures (N, C, H, W), `expected` their probabilities (N, classes).
    """
    try:
        portable.write_onnx(program, path, about)
        apart = portable.of_onnx(path, inputs, expected)
    except Exception as error:  # an operator without a translation, or whatever else stops it
        if out_of_memory(error) or is_disk_full(error):
            raise
        said = " ".join(str(error).split())[:200] or type(error).__name__
        reason = f"left out, since it could not be written ({said})."
    else:
        if apart <= CLOSE:
            return apart, ""
        reason = (
            f"left out, since its probabilities differ by up to {apart:.2g} from torch's; more "
            f"than {CLOSE:g} is another network."
        )
    for each in path.parent.glob(f"{path.name}*"):
        each.unlink()
    return None, reason
