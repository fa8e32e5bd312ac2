"""Tensors as text for the address."""

from __future__ import annotations

import numpy as np
import pytest

from explorer.errors import BadRequest
from explorer.ui.convolution_editor import read, written


def test_a_tensor_comes_back() -> None:
    """Rows of both channels, whole numbers, fractions, small ones and nothing."""
    tensor = np.array([[[1.0, -2.5], [1e-5, np.nan]], [[0.0, 1e6], [3.25, 0.125]]])
    text = written(tensor)
    assert text == "1_-2.5~1e-05_x~0_1e+06~3.25_0.125"
    np.testing.assert_array_equal(read(text, (2, 2, 2)), tensor)


@pytest.mark.parametrize("text", ["", "1_2", "1_2~3", "1_b~3_4", "1_2~3_4~5_6", "1_" * 15_000])
def test_what_is_no_such_tensor(text: str) -> None:
    """One sentence, whatever is wrong."""
    with pytest.raises(BadRequest, match="do not fit"):
        read(text, (2, 2))
