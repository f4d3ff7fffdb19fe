"""The append-only record of everything that happened; state is a fold over it."""
