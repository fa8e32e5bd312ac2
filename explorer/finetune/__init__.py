"""Networks that have learned before learn somebody's own classes."""
