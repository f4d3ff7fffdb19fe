"""What a cut must be before it is shown: history, signatures, and every figure counted again."""
