"""Which pixels can move one unit of a network, and which of them really do?"""

from explorer.ui import opened, receptive_field, show

looking_at = opened.header("How far does it see?")

if looking_at is not None:
    with show.errors():
        looking = receptive_field.choose(looking_at)
        both = receptive_field.beside(looking)
        over = receptive_field.pictures(looking, both=both)
        receptive_field.growth(looking, over, both=both)
