"""Does what the textbooks say of training come out, here and now?"""

from explorer.ui import experiments

chosen = experiments.choose()
if chosen is None:
    experiments.gallery()
else:
    experiments.explore(chosen)
