"""ConvZoo: convolutional networks, taken apart.

Importing this package loads no torch; the modules that need it say so.
"""

__version__ = "0.1.0"
