"""What the engine may be asked to do: a name, the function behind it, and where it runs.

Adding a capability is adding a line here. Nothing outside this table can be called.
"""

from __future__ import annotations

import importlib
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, Literal, TypeAlias

from explorer import config

Lane: TypeAlias = Literal["meta", "device", "training", "pictures", "downloads"]

WITHOUT_TORCH: tuple[Lane, ...] = ("pictures", "downloads")
"""The lanes whose workers never load torch: they are ready at once."""
MEMORY_LIMITS: dict[str, int] = {"pictures": 3 << 30}
"""Bytes of address space a lane's worker may take; the system refuses it more."""


@dataclass(frozen=True, slots=True)
class Call:
    """A library function the engine runs: `target` is "module:function".

    Calls in lane "meta" touch no weights and answer in well under a second or so; lane "device"
    builds and runs networks for real, one at a time; lane "training" does so for the training
    pages, which then wait for nobody's saliency map; lane "pictures" decodes untrusted files, in
    bounded memory; lane "downloads" waits for the network. `remembered` results are kept by their
    arguments in a bounded cache. `doing` says in an error what was going on; {} stands for the
    first argument.
    """

    target: str
    lane: Lane
    remembered: bool = False
    doing: str = ""

    def describe(self, name: str, subject: str) -> str:
        """Return what the call is doing, as it follows "was" in a sentence."""
        return self.doing.format(subject) if self.doing else f"running {name}"


def function_of(target: str) -> Callable[..., Any]:
    """Import and return the function behind a target; in most cases this loads torch."""
    module, _, name = target.partition(":")
    function: Callable[..., Any] = getattr(importlib.import_module(module), name)
    return function


CALLS: dict[str, Call] = {
    "anatomy.dissect": Call(
        "explorer.anatomy.dissection:dissect", "meta", remembered=True, doing="taking {} apart"
    ),
    "anatomy.reconcile": Call(
        "explorer.anatomy.reconcile:reconcile",
        "device",
        remembered=True,
        doing="comparing the counts of {}",
    ),
    "anatomy.measure": Call("explorer.anatomy.measure:measure", "device", doing="building {}"),
    "blocks.compare": Call(
        "explorer.blocks.lab:compare", "meta", remembered=True, doing="counting {}"
    ),
    "blocks.curve": Call(
        "explorer.blocks.lab:curve", "meta", remembered=True, doing="drawing a curve of {}"
    ),
    "blocks.scale": Call(
        "explorer.blocks.scaled:scale", "meta", remembered=True, doing="scaling a network"
    ),
    "blocks.draw": Call(
        "explorer.blocks.drawing:draw_lines", "meta", remembered=True, doing="drawing {}"
    ),
    "blocks.code": Call(
        "explorer.blocks.code:of_blueprint", "meta", remembered=True, doing="writing code"
    ),
    "blocks.measure": Call("explorer.blocks.timing:measure", "device", doing="timing {}"),
    "collections.accept_files": Call(
        "explorer.collections.intake:accept_files", "pictures", doing="taking in your pictures"
    ),
    "collections.accept_table": Call(
        "explorer.collections.intake:accept_table", "pictures", doing="taking in your pictures"
    ),
    "collections.accept_zip": Call(
        "explorer.collections.intake:accept_zip", "pictures", doing="taking in your pictures"
    ),
    "collections.add": Call(
        "explorer.collections.intake:add", "pictures", doing="adding your pictures"
    ),
    "compare.profile": Call("explorer.compare.profile:profile", "device", doing="timing {}"),
    "compare.profiles": Call(
        "explorer.compare.profile:profiles", "device", doing="timing networks"
    ),
    "convolution.first_layer": Call(
        "explorer.convolution.learned:first_layer",
        "device",
        remembered=True,
        doing="opening the first layer of {}",
    ),
    "data.accept": Call(
        "explorer.training.data.uploads:accept", "pictures", doing="reading your data set"
    ),
    "data.describe": Call(
        "explorer.training.data.describe:shown", "training", doing="looking at a data set"
    ),
    "data.download": Call(
        "explorer.training.data.download:download", "downloads", doing="downloading {}"
    ),
    "data.find": Call(
        "explorer.training.data.catalogue:shown", "pictures", doing="looking into {}"
    ),
    "device.describe": Call("explorer.device:describe", "device", doing="describing the device"),
    "finetune.export": Call(
        "explorer.finetune.export:export", "training", doing="packing what is taken home of {}"
    ),
    "finetune.parts": Call(
        "explorer.finetune.starting:parts", "meta", doing="looking at what learns"
    ),
    "finetune.preview": Call(
        "explorer.finetune.preview:preview", "training", doing="changing some of your pictures"
    ),
    "finetune.report": Call(
        "explorer.finetune.report:report", "training", doing="judging a fine-tuned network"
    ),
    "pictures.accept": Call(
        "explorer.pictures.intake:accept", "pictures", doing="decoding the picture"
    ),
    "pictures.accept_all": Call(
        "explorer.pictures.archives:accept_all", "pictures", doing="decoding the pictures"
    ),
    "training.find_rate": Call(
        "explorer.training.lr_finder:find", "training", doing="trying learning rates"
    ),
    "training.paths": Call(
        "explorer.training.paths:paths",
        "training",
        remembered=True,
        doing="sending optimisers over the surface {}",
    ),
    "training.preview": Call(
        "explorer.training.preview:preview", "training", doing="changing some pictures"
    ),
    "training.path_sweep": Call(
        "explorer.training.paths:sweep",
        "training",
        remembered=True,
        doing="trying learning rates on the surface {}",
    ),
    "runs.tensorboard": Call(
        "explorer.runs.tensorboard:event_files", "training", doing="writing event files"
    ),
    "training.study": Call(
        "explorer.training.studies:study", "training", doing="looking at finished runs"
    ),
    "training.gradient_flow": Call(
        "explorer.training.gradient_flow:flow",
        "training",
        remembered=True,
        doing="sending a gradient through a chain",
    ),
    "training.network_flow": Call(
        "explorer.training.network_flow:network_flow",
        "training",
        doing="sending a gradient through {}",
    ),
    "training.zero_blocks": Call(
        "explorer.training.zero_blocks:zero_blocks",
        "training",
        remembered=True,
        doing="trying blocks with weights of zero",
    ),
    "vision.classes": Call("explorer.vision.predict:classes", "device", doing="loading {}"),
    "vision.predict": Call("explorer.vision.predict:predict", "device", doing="running {}"),
    "vision.compare": Call("explorer.vision.predict:compare", "device", doing="asking the models"),
    "vision.see": Call("explorer.vision.seeing:see", "device", doing="preparing input for {}"),
    "vision.input_view": Call(
        "explorer.vision.seeing:input_view", "meta", doing="preparing input for {}"
    ),
    "vision.ten_crops": Call(
        "explorer.vision.ten_crops:ten_crops", "device", doing="running {} on ten views"
    ),
    "vision.field_rows": Call(
        "explorer.vision.field_rows:field_rows", "device", doing="following what {} sees"
    ),
    "vision.effective_field": Call(
        "explorer.vision.effective_field:effective_field",
        "device",
        remembered=True,
        doing="measuring a receptive field of {}",
    ),
    "vision.field_growth": Call(
        "explorer.vision.effective_field:field_growth",
        "device",
        remembered=True,
        doing="measuring receptive fields along {}",
    ),
    "vision.rows": Call(
        "explorer.vision.activations:rows", "device", doing="looking for layers of {}"
    ),
    "vision.sheet": Call(
        "explorer.vision.activations:sheet", "device", doing="drawing feature maps of {}"
    ),
    "vision.channel": Call(
        "explorer.vision.activations:channel", "device", doing="fetching a feature map of {}"
    ),
    "vision.statistics": Call(
        "explorer.vision.activations:statistics", "device", doing="looking at all layers of {}"
    ),
    "vision.filter_sheet": Call(
        "explorer.vision.activations:filter_sheet", "device", doing="drawing filters of {}"
    ),
    "vision.unit": Call(
        "explorer.vision.arithmetic:unit", "device", doing="taking a number of {} apart"
    ),
    "vision.attribute": Call(
        "explorer.vision.attribution:attribute", "device", doing="asking {} what it looked at"
    ),
    "vision.attribute_grid": Call(
        "explorer.vision.attribution:grid", "device", doing="drawing saliency maps"
    ),
    "vision.cam_layers": Call(
        "explorer.vision.attribution:cam_layers",
        "device",
        remembered=True,
        doing="looking for maps in {}",
    ),
    "vision.curves": Call(
        "explorer.vision.trust:curves", "device", doing="showing and hiding pixels to {}"
    ),
    "vision.randomisation": Call(
        "explorer.vision.trust:randomisation", "device", doing="making {} forget what it learned"
    ),
    "vision.estimate": Call(
        "explorer.vision.attribution:estimate", "device", doing="timing one pass of {}"
    ),
    "vision.told_apart": Call(
        "explorer.vision.similarity:told_apart", "meta", doing="comparing two maps"
    ),
    "zoo.timm_names": Call(
        "explorer.zoo.timm_models:names", "meta", remembered=True, doing="listing timm's models"
    ),
    "zoo.download": Call(
        "explorer.zoo.download:download", "downloads", doing="downloading weights of {}"
    ),
    "zoo.accept_checkpoint": Call(
        "explorer.zoo.checkpoints:accept", "device", doing="checking a checkpoint for {}"
    ),
    "zoo.run_card": Call("explorer.zoo.build:card", "meta", doing="looking up {}"),
    "zoo.card": Call("explorer.zoo.build:card", "meta", remembered=True, doing="looking up {}"),
}


def calls() -> dict[str, Call]:
    """Return all calls: the table above, and the CALLS of the module CONVZOO_EXTRA_CALLS names."""
    extra = config.extra_calls()
    if extra is None:
        return CALLS
    return {**CALLS, **importlib.import_module(extra).CALLS}
