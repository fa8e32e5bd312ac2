"""Can a network learn to tell my own pictures apart, and how good does it get?"""

from explorer.ui import fine_tune

fine_tune.begin()
step = fine_tune.head()
fine_tune.draw(step)
fine_tune.end()
