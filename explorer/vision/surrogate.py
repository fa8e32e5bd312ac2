"""The linear models that LIME and KernelSHAP fit, solved at once instead of by descent."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import torch
from captum._utils.models.model import Model

if TYPE_CHECKING:
    from torch import Tensor
    from torch.utils.data import DataLoader


class WeightedRidge(Model):  # type: ignore[misc]
    """Weighted least squares with an intercept; `penalty` pulls coefficients towards zero."""

    def __init__(self, penalty: float = 0.0) -> None:
        self._penalty = penalty
        self._coefficients: Tensor | None = None

    def fit(self, train_data: DataLoader[Any], **kwargs: object) -> None:
        """Fit to batches of features (N, K), outputs (N,) and weights (N,)."""
        batches = [tuple(each.double() for each in batch) for batch in train_data]
        features, outputs, weights = (torch.cat(each) for each in zip(*batches, strict=True))
        middle = (weights[:, None] * features).sum(0) / weights.sum()
        mean = (weights * outputs).sum() / weights.sum()
        root = weights.sqrt()
        rows = root[:, None] * (features - middle)
        known = root * (outputs - mean)
        if self._penalty:
            eye = self._penalty**0.5 * torch.eye(features.shape[1], dtype=rows.dtype)
            rows = torch.cat([rows, eye.to(rows.device)])
            known = torch.cat([known, known.new_zeros(features.shape[1])])
        # The pseudo-inverse takes the smallest solution where samples are too few for one.
        self._coefficients = torch.linalg.pinv(rows) @ known

    def representation(self) -> Tensor:
        """Return the coefficients (K,) without the intercept."""
        assert self._coefficients is not None
        return self._coefficients.float()

    def __call__(self, x: Tensor) -> Tensor:
        """Predict, which no attribution needs."""
        return x.double() @ self.representation().double()
