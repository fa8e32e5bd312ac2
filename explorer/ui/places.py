"""Where the pages and the assets stand; absolute, for the main script is not beside them."""

from __future__ import annotations

from explorer import config

_ROOT = config.checkout()

HOME = str(_ROOT / "pages/start/home.py")
ANATOMY = str(_ROOT / "pages/architecture/anatomy.py")
COST_LAB = str(_ROOT / "pages/architecture/cost_lab.py")
DESIGN = str(_ROOT / "pages/architecture/design.py")
CONVOLUTION = str(_ROOT / "pages/architecture/convolution.py")
COMPARE = str(_ROOT / "pages/architecture/compare.py")
PREDICT = str(_ROOT / "pages/vision/predict.py")
FEATURE_MAPS = str(_ROOT / "pages/vision/feature_maps.py")
ATTRIBUTION = str(_ROOT / "pages/vision/attribution.py")
RECEPTIVE_FIELD = str(_ROOT / "pages/vision/receptive_field.py")
TRAINING_LAB = str(_ROOT / "pages/training/training_lab.py")
FINE_TUNE = str(_ROOT / "pages/training/fine_tune.py")
EXPERIMENTS = str(_ROOT / "pages/training/experiments.py")
RUNS = str(_ROOT / "pages/training/runs.py")
OPTIMIZERS = str(_ROOT / "pages/training/optimizers.py")
GRADIENT_FLOW = str(_ROOT / "pages/training/gradient_flow.py")

ICON = str(_ROOT / "assets/icon.svg")
LOGO = str(_ROOT / "assets/logo.svg")
