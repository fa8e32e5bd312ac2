"""What would a network of my own see, give and cost, row by row while I type it?"""

from explorer.ui import design, design_state

book, grid = design_state.begin()
unit = design.head(book.now)
design.explore(book, grid, unit)
