"""How much of the gradient reaches the first layer, before anything has been learned?"""

from explorer.ui import gradient_flow

guessing = gradient_flow.choose()
gradient_flow.explore(guessing=guessing)
