"""Points in a plane: what PCA shows, whose neighbours t-SNE keeps, and what is too few."""

from __future__ import annotations

import numpy as np
import pytest
from sklearn.manifold import trustworthiness

from explorer.finetune import embedding


@pytest.fixture(scope="module")
def features() -> np.ndarray:
    """Three clouds of twenty in ten dimensions."""
    noise = np.random.default_rng(0).normal(size=(60, 10))
    return np.repeat(np.eye(10)[:3] * 8, 20, axis=0) + noise


def test_both_are_made_and_keep_neighbours(features: np.ndarray) -> None:
    """scikit-learn's measure of trustworthiness; equal for equal features."""
    found = embedding.projections(features)
    assert [each.method for each in found] == ["t-SNE", "PCA"]
    for each in found:
        assert each.points.shape == (60, 2)
        assert trustworthiness(features, each.points, n_neighbors=5) > 0.8
    assert np.array_equal(found[0].points, embedding.projections(features)[0].points)
    assert "perplexity 20" in found[0].sentence


def test_pca_shows_the_variance_it_says() -> None:
    """Variances 9, 4 and 1 along three axes: 13 of 14 lie in the plane."""
    axes = np.concatenate([np.eye(3), -np.eye(3)]) * [3, 2, 1]
    flat = embedding.projections(axes)[-1]
    assert flat.method == "PCA"
    assert flat.explained == pytest.approx(13 / 14)
    assert "93 %" in flat.sentence


def test_many_pictures_are_not_waited_for(
    features: np.ndarray, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Beyond a limit PCA alone."""
    monkeypatch.setattr(embedding, "MOST_NEIGHBOURED", 59)
    assert [each.method for each in embedding.projections(features)] == ["PCA"]


def test_nothing_is_drawn_of_nothing() -> None:
    """Four pictures, a single feature, or features that are all the same."""
    assert embedding.projections(np.eye(4)) == ()
    assert embedding.projections(np.arange(9.0)[:, None]) == ()
    assert embedding.projections(np.ones((9, 5))) == ()
