"""Our counts against what torchvision publishes about all of its models."""

from __future__ import annotations

import pytest
import torch
from torch.utils.flop_counter import FlopCounterMode
from torchvision import models

from explorer.anatomy import coverage
from explorer.anatomy.coverage import TABLE, Row
from explorer.zoo import build


@pytest.fixture(scope="module")
def rows() -> list[Row]:
    """The table, computed once: 121 models and the weights for other sizes."""
    return list(coverage.rows())


@pytest.fixture(scope="module")
def defaults(rows: list[Row]) -> dict[str, Row]:
    """The rows of the default weights by model (they come first)."""
    return {row.model: row for row in reversed(rows)}


def published(name: str) -> dict[str, float]:
    """What torchvision says of a model's default weights."""
    return dict(models.get_model_weights(name).DEFAULT.meta)


def test_the_file_is_what_the_code_writes(rows: list[Row]) -> None:
    """`python -m explorer.anatomy.coverage` would change nothing."""
    assert TABLE.read_text(encoding="utf-8") == coverage.markdown(rows)


def test_parameters_are_equal_for_all_121(defaults: dict[str, Row]) -> None:
    """Every registered model has the parameters that its weights say."""
    assert sorted(defaults) == sorted(models.list_models())
    assert len(defaults) == 121
    assert {name: row.params for name, row in defaults.items()} == {
        name: published(name)["num_params"] for name in defaults
    }


def test_multiply_adds_have_the_printed_digits(defaults: dict[str, Row]) -> None:
    """They equal `_ops` to its three decimals, but for four detectors with a second stage."""
    differing = {name for name, row in defaults.items() if f"{row.macs / 1e9:.3f}" != ops(name)}
    assert differing == {
        "fasterrcnn_mobilenet_v3_large_320_fpn",
        "fasterrcnn_mobilenet_v3_large_fpn",
        "keypointrcnn_resnet50_fpn",
        "maskrcnn_resnet50_fpn",
    }


def ops(name: str) -> str:
    """The multiply-adds torchvision publishes, as it prints them."""
    return f"{published(name)['_ops']:.3f}"


def test_every_deviation_has_a_reason_that_gives_the_figure(rows: list[Row]) -> None:
    """Added up as the reason says, our rows give torchvision's digits."""
    for row in rows:
        if row.agrees:
            assert (row.reason, row.macs_predicted) == ("", None)
            continue
        assert row.reason not in ("", coverage.UNEXPLAINED)
        assert row.macs_predicted is not None
        assert f"{row.macs_predicted / 1e9:.3f}" == row.macs_published


def test_weights_for_other_sizes_agree_too(rows: list[Row], defaults: dict[str, Row]) -> None:
    """SWAG weights are evaluated at 384, 512 or 224; networks and counts follow."""
    others = [row for row in rows if row is not defaults[row.model]]
    assert len(others) == 6
    assert all(row.params == row.params_published and row.agrees for row in others)


def test_nothing_is_left_uncounted(rows: list[Row]) -> None:
    """No operator of these models lacks a cost, so no total is a lower bound."""
    assert [row.model for row in rows if row.not_counted] == []


def flop_counter_macs(network: torch.nn.Module, *inputs: object) -> int:
    """Multiply-adds by torch's own counter, which counts two operations each."""
    with FlopCounterMode(display=False) as counter, torch.inference_mode():
        network(*inputs)
    return counter.get_total_flops() // 2


def test_a_real_run_without_proposals_gives_torchvision_s_figure(
    defaults: dict[str, Row],
) -> None:
    """With a threshold no score passes, torch's counter sees 0.719 G in the small Faster R-CNN."""
    name = "fasterrcnn_mobilenet_v3_large_320_fpn"
    network = build.real_network(name)
    network.rpn.score_thresh = 2.0
    inputs = build.example_inputs(build.card(name))
    assert flop_counter_macs(network, *inputs) == defaults[name].macs_predicted


@pytest.mark.parametrize(
    ("name", "head", "detections"),
    [("keypointrcnn_resnet50_fpn", "keypoint", 1), ("maskrcnn_resnet50_fpn", "mask", 0)],
)
def test_a_detection_costs_what_torch_s_counter_says(
    defaults: dict[str, Row], name: str, head: str, detections: int
) -> None:
    """Ours has 100 detections; taking away those that are too many gives the predicted figure."""
    heads = build.network(name).roi_heads
    region = torch.empty(1, 256, 14, 14, device="meta")
    both = torch.nn.Sequential(getattr(heads, f"{head}_head"), getattr(heads, f"{head}_predictor"))
    one = flop_counter_macs(both, region)
    row = defaults[name]
    assert row.macs_predicted == row.macs - (100 - detections) * one
