"""What does a design cost, what does it buy, and does the clock agree?"""

from explorer.ui import cost_lab, cost_lab_scaling

chosen, guessing = cost_lab.choose()
if chosen == cost_lab.SCALING:
    cost_lab_scaling.explore(guessing=guessing)
else:
    cost_lab.explore(chosen, guessing=guessing)
