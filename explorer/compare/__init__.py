"""Networks side by side: totals, stages, what differs, what fits, and the zoo as a map."""
