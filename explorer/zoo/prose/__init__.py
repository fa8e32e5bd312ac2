"""The words of the catalogue, by hand: everything on a card that no program can work out."""

from explorer.zoo.prose import attention, beyond, compact, early, residual, small
from explorer.zoo.prose.architecture import Architecture, Model

ARCHITECTURES: tuple[Architecture, ...] = (
    *early.ARCHITECTURES,
    *residual.ARCHITECTURES,
    *small.ARCHITECTURES,
    *compact.ARCHITECTURES,
    *attention.ARCHITECTURES,
    *beyond.ARCHITECTURES,
)

__all__ = ["ARCHITECTURES", "Architecture", "Model"]
