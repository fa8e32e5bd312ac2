"""How does a network learn, step by step, and what changes when I change its recipe?"""

from explorer.ui import training_lab

training_lab.begin()
recipe = training_lab.draw()
training_lab.end(recipe)
