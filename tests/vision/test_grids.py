"""Units are found again in maps, tokens, and windows that were cut out of a map."""

from __future__ import annotations

import pytest
import torch
from torch import Tensor, nn

from explorer.vision.field_rows import rows_of
from explorer.vision.grids import channels, grid, unit


class Numbered(nn.Module):
    """Rearranges a map by views, then does something that makes a row of it."""

    def __init__(self, how: str) -> None:
        super().__init__()
        self.how = how
        self.same = nn.Conv2d(2, 2, 1)

    def forward(self, x: Tensor) -> Tensor:
        """Rearrange as the name says, and add zero."""
        x = self.same(x)
        if self.how == "channels last":
            return x.permute(0, 2, 3, 1) + 0.0
        if self.how == "tokens":
            token = torch.zeros(1, 1, 2, device=x.device)
            return torch.cat([token, x.flatten(2).transpose(1, 2)], 1)
        if self.how == "windows":
            cut = x.permute(0, 2, 3, 1).reshape(1, 2, 3, 2, 4, 2).permute(0, 1, 3, 2, 4, 5)
            return cut.reshape(4, 12, 2) + 0.0
        return x.flatten(1) + 0.0


@pytest.mark.parametrize("how", ["map", "channels last", "tokens", "windows", "flat"])
def test_a_unit_is_what_stands_at_its_place_of_the_picture(how: str) -> None:
    """Every pixel carries its own number, which the unit of its place holds and no other does."""
    net = nn.Conv2d(2, 2, 1) if how == "map" else Numbered(how)
    x = torch.arange(48.0).reshape(1, 1, 6, 8).repeat(1, 2, 1, 1)
    row = rows_of(net, x)[-1]
    assert (row.height, row.width) == grid(row.field) == (6, 8)
    same = net if isinstance(net, nn.Conv2d) else net.same
    with torch.no_grad():
        same.weight.copy_(torch.eye(2)[..., None, None])
        same.bias.zero_()
        values = net(x)
    for y in range(6):
        for x_ in range(8):
            found = values
            for dim, indices in enumerate(unit(row.field, y, x_)):
                found = found.index_select(dim, torch.tensor(indices))
            assert found.flatten().tolist() == [8 * y + x_] * 2
    assert channels(row.field) == 2


def test_pooled_vectors_have_no_grid() -> None:
    """Behind a global pooling nothing has a place any more; a map of one unit has one."""
    net = nn.Sequential(nn.Conv2d(1, 3, 5), nn.Flatten(), nn.Linear(3, 2))
    assert [row.name for row in rows_of(net, torch.empty(1, 1, 5, 5))] == ["0"]
    pooled = nn.Sequential(nn.Conv2d(1, 3, 3), nn.AdaptiveAvgPool2d(1))
    assert [row.name for row in rows_of(pooled, torch.empty(1, 1, 9, 9))] == ["0"]
