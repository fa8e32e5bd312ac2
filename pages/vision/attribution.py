"""What in the picture speaks for a class, and may the map that says so be trusted?"""

from explorer.ui import attribution, attribution_trust, opened, show

looking = opened.header("What speaks for the class?")

if looking is not None:
    section = attribution.choose()
    with show.errors():
        if section == "maps":
            attribution.maps(looking)
        elif section == "trust":
            attribution_trust.check(looking)
        else:
            attribution.methods()
