"""What does a network say of your picture, and what exactly was it given?"""

from explorer.ui import many, opened, predicting, seeing, several, show, ten_views, verdicts

looking = opened.header("What does it see?")

if looking is not None:
    section = predicting.choose()
    with show.errors():
        if section == "answer":
            predicting.answer(looking)
        elif section == "saw":
            seeing.steps(looking)
        elif section == "models":
            several.models(looking)
        elif section == "crops":
            ten_views.compare(looking)
        elif section == "errors":
            verdicts.explain(looking)
        else:
            many.pictures(looking)
