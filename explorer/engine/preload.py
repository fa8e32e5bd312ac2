"""What the fork server loads once, so that a job starts in hundredths of a second.

Only imports: a thread or a CUDA context made here would be broken in every job.
"""

from __future__ import annotations

import gc

import safetensors.torch  # noqa: F401

import explorer.runs.recording
import explorer.training.fit  # noqa: F401 - for the jobs that are forked from here

# What is loaded now stays: a job's collector then neither walks it nor copies its pages.
gc.collect()
gc.freeze()
