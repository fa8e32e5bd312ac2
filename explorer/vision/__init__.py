"""A network opened on one picture: predictions, feature maps, saliency, receptive fields."""
