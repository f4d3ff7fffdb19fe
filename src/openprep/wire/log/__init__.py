"""The publication log: leaves, tiles, signed notes, checkpoints and proofs."""
