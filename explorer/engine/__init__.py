"""The process that holds torch, and the torch-free client the pages reach it with."""
