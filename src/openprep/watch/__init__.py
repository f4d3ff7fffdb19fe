"""The watch: what each publisher shows, held against the others and against the log."""
