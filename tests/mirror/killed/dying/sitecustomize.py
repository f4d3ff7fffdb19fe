"""Loaded by Python before anything else: a process that is killed at a write step.

``DIE_AT`` is the number of the step. Nothing of the product knows of it.
"""

import os

from hostile.killing import killed_at

STEPS = ("fsync", "replace", "rename", "symlink", "unlink", "mkdir", "rmdir")

if at := int(os.environ.get("DIE_AT", "0")):
    dying = killed_at(at, STEPS)
    dying.__enter__()  # until it dies
