"""Download a model's published weights to where torchvision looks for them. No torch here."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from explorer.errors import BadRequest
from explorer.progress import Progress, silent
from explorer.zoo import catalogue, transfer, weights

if TYPE_CHECKING:
    from explorer.zoo.weight_records import WeightsChoice

SPARE = 1 << 20
"""Bytes a file may be longer than its published size, which is rounded."""


def download(name: str, key: str, progress: Progress = silent) -> WeightsChoice:
    """Fetch the published weights `key` of a model, unless they are here, and say where they are.

    Only the address on the model's card is ever asked. Raises UnknownModel, BadRequest for weights
    nobody published, DownloadFailed with the reason; Cancelled keeps what has come for next time.
    """
    card = catalogue.find(name)
    choice = weights.find(card, key)
    if choice.kind != "published":
        raise BadRequest(
            f"{choice.title} of {card.title} cannot be downloaded; choose it as it is."
        )
    if choice.on_disk:
        return choice
    size = choice.megabytes or 0.0
    transfer.fetch(
        transfer.Wanted(
            url=choice.url,
            target=Path(choice.folder) / choice.file,
            digest=choice.digest,
            most=int(size * 2**20) + SPARE,
        ),
        progress,
    )
    return weights.find(card, key)
