"""All pictures as points in a plane, alike ones close together. No torch here."""

from __future__ import annotations

import numpy as np
from sklearn.decomposition import PCA
from sklearn.manifold import TSNE

from explorer.finetune.report_records import Projection

MOST_NEIGHBOURED = 1_500
"""Pictures beyond which t-SNE takes minutes, and PCA alone is made."""
FEWEST = 5
PERPLEXITY = 30.0
_DIRECTIONS = 50
_SEED = 0


def projections(features: np.ndarray) -> tuple[Projection, ...]:
    """Project features (n, d) onto a plane: by t-SNE where there are not too many, and by PCA.

    t-SNE is that of van der Maaten and Hinton (2008), on the first 50 principal directions, begun
    from the first two: the same features give the same picture.
    """
    count = min(len(features), features.shape[1], _DIRECTIONS)
    if len(features) < FEWEST or count < 2 or not np.ptp(features, axis=0).any():
        return ()
    model = PCA(count, random_state=_SEED)
    reduced = model.fit_transform(features.astype(np.float64))
    flat = _principal(reduced, float(model.explained_variance_ratio_[:2].sum()))
    if len(features) > MOST_NEIGHBOURED:
        return (flat,)
    return _neighboured(reduced), flat


def _principal(reduced: np.ndarray, explained: float) -> Projection:
    return Projection(
        "PCA",
        reduced[:, :2].astype(np.float32),
        explained,
        f"The plane in which the features vary most; it shows {100 * explained:.0f} % of their "
        "variance, the rest lies across it.",
    )


def _neighboured(reduced: np.ndarray) -> Projection:
    perplexity = min(PERPLEXITY, (len(reduced) - 1) / 3)
    model = TSNE(2, perplexity=perplexity, init="pca", random_state=_SEED)
    return Projection(
        "t-SNE",
        model.fit_transform(reduced).astype(np.float32),
        None,
        f"Who is whose neighbour among the features (perplexity {perplexity:.0f}): close points "
        "are alike, but sizes of groups and distances between them mean nothing.",
    )
