"""README.md of what is taken home: which file is what, and how to use them. No torch here."""

from __future__ import annotations

from typing import TYPE_CHECKING

from explorer.finetune.model_card import plain

if TYPE_CHECKING:
    from explorer.finetune.model_card import Subject

_ONNX = """
## With ONNX

```python
import onnxruntime
session = onnxruntime.InferenceSession("model.onnx")
(probabilities,) = session.run(None, {{"pictures": pictures}})
```

`pictures` is a float32 array (N, {channels}, {height}, {width}), as many as you like, prepared as
`preprocessing.json` says; `probabilities` is (N, {classes}), in the order of `classes.json`. Both
JSON files are in the metadata of the ONNX file too.
"""
_TEXT = """# {title}

`MODEL_CARD.md` says what this network is, how good it is, and what it cannot do.

## With torch

```
pip install torch torchvision
python predict.py PICTURE [PICTURE ...]
```

Options: `--top K` classes, `--json`. It needs torch {torch}, with which it was made, or newer.
{onnx}
## Files

| file | what it is |
| --- | --- |
| `predict.py` | says what pictures show; needs torch and torchvision alone |
| `model.pt2` | the network with its weights, for `torch.export.load`: pictures to probabilities |
{onnx_row}| `model.safetensors` | its weights alone, called as the network's own parameters are |
| `classes.json` | names of the classes, in the order of the probabilities |
| `preprocessing.json` | how a picture is prepared, as numbers and in words |
| `run/recipe.json` | repeats the training: `python -m explorer train --recipe run/recipe.json` |
| `run/run.json`, `run/steps.csv`, `run/epochs.csv` | everything the training told |
"""
_ONNX_ROW = "| `model.onnx` | the same network, for ONNX Runtime and others |\n"


def text(subject: Subject, torch_version: str) -> str:
    """Write it as Markdown."""
    tall, wide = subject.preprocessing.crop
    onnx = _ONNX.format(
        channels=len(subject.preprocessing.mean),
        height=tall,
        width=wide,
        classes=len(subject.began.classes),
    )
    without = f"\nONNX was {subject.without_onnx}\n"
    there = subject.onnx is not None
    return _TEXT.format(
        title=plain(subject.run.name),
        torch=torch_version,
        onnx=onnx if there else without,
        onnx_row=_ONNX_ROW if there else "",
    )
