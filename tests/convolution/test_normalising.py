"""The five normalisations against torch's own."""

from __future__ import annotations

import numpy as np
import pytest
import torch
import torch.nn.functional as F

from explorer.convolution import normalising
from explorer.errors import BadRequest

X = np.random.default_rng(0).normal(2.0, 3.0, size=(3, 4, 5, 2))
T = torch.from_numpy(X)


@pytest.mark.parametrize(
    ("kind", "expected"),
    [
        ("batch", F.batch_norm(T, None, None, training=True)),
        ("layer", F.layer_norm(T, T.shape[1:])),
        ("instance", F.instance_norm(T)),
        ("group", F.group_norm(T, 2)),
    ],
)
def test_equal_to_torch(kind: str, expected: torch.Tensor) -> None:
    """Before scale and shift, with torch's own epsilon."""
    done = normalising.normalise(X, kind, 2)
    np.testing.assert_allclose(done.after, expected.numpy(), atol=1e-10)


@pytest.mark.parametrize("kind", ["batch", "layer", "instance", "group"])
def test_each_set_ends_with_mean_0_and_deviation_1(kind: str) -> None:
    """That is what normalising means; the sets are those that `shares` says."""
    done = normalising.normalise(X, kind, 2)
    for number in np.unique(done.shares):
        members = done.shares == number
        assert done.after[members].mean() == pytest.approx(0.0, abs=1e-10)
        assert done.after[members].std() == pytest.approx(1.0, abs=1e-4)
        assert done.mean[members] == pytest.approx(X[members].mean())
        assert done.std[members] == pytest.approx(X[members].std())


def test_how_many_sets_there_are() -> None:
    """3 pictures of 4 channels: one set per channel, picture, both, or picture and group."""
    sets = {
        kind: len(np.unique(normalising.normalise(X, kind, 2).shares))
        for kind in ("batch", "layer", "instance", "group")
    }
    assert sets == {"batch": 4, "layer": 3, "instance": 12, "group": 6}


def test_group_norm_lies_between_layer_and_instance_norm() -> None:
    """One group is layer norm, as many groups as channels are instance norm (Wu and He, 2018)."""
    one = normalising.normalise(X, "group", 1).after
    np.testing.assert_allclose(one, normalising.normalise(X, "layer").after, atol=1e-12)
    each = normalising.normalise(X, "group", 4).after
    np.testing.assert_allclose(each, normalising.normalise(X, "instance").after, atol=1e-12)


@pytest.mark.parametrize(("size", "alpha", "beta", "k"), [(3, 1.0, 0.75, 1.0), (5, 1e-4, 0.75, 2)])
def test_local_response_is_torchs(size: int, alpha: float, beta: float, k: float) -> None:
    """Neighbours beyond the first and last channel count as zeros; even sizes look back farther."""
    done = normalising.respond(X, size, alpha, beta, k)
    expected = F.local_response_norm(T, size, alpha, beta, k).numpy()
    np.testing.assert_allclose(done.after, expected, atol=1e-12)
    even = normalising.respond(X, 4).after
    np.testing.assert_allclose(even, F.local_response_norm(T, 4, 1.0).numpy(), atol=1e-12)


def test_bad_groups_and_sizes() -> None:
    """4 channels do not make 3 groups."""
    with pytest.raises(BadRequest, match="divides 4"):
        normalising.normalise(X, "group", 3)
    with pytest.raises(BadRequest, match="1 or more"):
        normalising.respond(X, 0)
