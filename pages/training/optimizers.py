"""How does each optimiser find its way down, and why does it sometimes not arrive?"""

from explorer.ui import optimizers

ground, guessing = optimizers.choose()
optimizers.explore(ground, guessing=guessing)
