"""Networks written down: for torch alone, and as ONNX."""

from __future__ import annotations

import json
from pathlib import Path

import onnx
import pytest
import torch
from torch import Tensor, nn

from explorer.errors import BuildFailed
from explorer.finetune import checked, portable

SHAPE = (3, 8, 8)


def small(pool: nn.Module) -> portable.Answering:
    """A network that pools, with weights that are the same every time."""
    with torch.random.fork_rng():
        torch.manual_seed(0)
        layers = (nn.Conv2d(3, 4, 3), nn.BatchNorm2d(4), pool, nn.Flatten(), nn.Linear(36, 3))
        return portable.Answering(nn.Sequential(*layers).requires_grad_(False)).eval()


def inputs(count: int = 5) -> Tensor:
    """Noise, as large as what networks see."""
    return 3 * torch.randn(count, *SHAPE, generator=torch.Generator().manual_seed(1))


def test_an_answer_is_the_softmax_of_the_scores() -> None:
    """Of the main head, where a network has others at its side."""
    scores = torch.tensor([[0.0, 1.0, 2.0]])

    class Several(nn.Module):
        def forward(self, x: Tensor) -> tuple[Tensor, Tensor]:
            return scores, -scores

    expected = torch.tensor([[0.0900306, 0.2447285, 0.6652410]])  # e^k / (1 + e + e^2)
    assert torch.allclose(portable.Answering(Several())(inputs(1)), expected, atol=1e-6)


def test_both_files_answer_as_the_network_does(tmp_path: Path) -> None:
    """For one picture and for five, though two were shown; the ONNX file says what it is."""
    network = small(nn.MaxPool2d(2))
    program = portable.exported(network, SHAPE)
    expected = portable.by_torch(network, inputs())
    assert torch.allclose(expected.sum(dim=1), torch.ones(5))
    portable.write_portable(program, tmp_path / "model.pt2")
    assert portable.of_portable(tmp_path / "model.pt2", inputs(), expected) < 1e-6
    portable.write_onnx(program, tmp_path / "model.onnx", {"classes": ("a", "고", "c")})
    assert portable.of_onnx(tmp_path / "model.onnx", inputs(), expected) < 1e-6
    written = onnx.load(tmp_path / "model.onnx")
    onnx.checker.check_model(written)
    (given,) = written.graph.input
    sides = [each.dim_param or each.dim_value for each in given.type.tensor_type.shape.dim]
    assert (given.name, sides) == ("pictures", ["batch", 3, 8, 8])
    metadata = {each.key: each.value for each in written.metadata_props}
    assert json.loads(metadata["classes"]) == ["a", "고", "c"]


def test_another_network_is_noticed(tmp_path: Path) -> None:
    """A file that answers differently is as far away as its most different probability."""
    network, other = small(nn.MaxPool2d(2)), small(nn.AvgPool2d(2))
    portable.write_portable(portable.exported(other, SHAPE), tmp_path / "model.pt2")
    mine, others = (portable.by_torch(each, inputs()) for each in (network, other))
    apart = portable.of_portable(tmp_path / "model.pt2", inputs(), mine)
    assert apart == pytest.approx((mine - others).abs().max().item(), abs=1e-6)
    assert apart > 0.01
    nothing = torch.full_like(mine, float("nan"))
    assert portable.of_portable(tmp_path / "model.pt2", inputs(), nothing) == float("inf")


def test_onnx_that_is_another_network_is_left_out(tmp_path: Path) -> None:
    """torch 2.15 writes a sum over a window as its mean: such a file is not given out."""
    network = small(nn.AvgPool2d(2, divisor_override=1))
    program = portable.exported(network, SHAPE)
    expected = portable.by_torch(network, inputs())
    portable.write_portable(program, tmp_path / "model.pt2")
    assert portable.of_portable(tmp_path / "model.pt2", inputs(), expected) < 1e-6
    apart, reason = checked.written(program, tmp_path / "model.onnx", {}, inputs(), expected)
    assert apart is None
    assert "left out" in reason
    assert "0.0001 is another network" in reason
    assert not list(tmp_path.glob("*.onnx*"))


def test_a_network_that_decides_by_what_it_sees_cannot_be_written_down() -> None:
    """One sentence, and nothing half-written."""

    class Deciding(nn.Module):
        def forward(self, x: Tensor) -> Tensor:
            return x.mean(dim=(2, 3)) if x.sum() > 0 else x.amax(dim=(2, 3))

    with pytest.raises(BuildFailed, match="fixed list of operations"):
        portable.exported(portable.Answering(Deciding()), SHAPE)
