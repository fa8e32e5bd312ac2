"""The convolution and its relatives on small inputs, number by number. No torch but in `learned`.

Everything is calculated with numpy in double precision, which answers a click at once; tests hold
each result equal to `torch.nn.functional` on the same input.
"""
