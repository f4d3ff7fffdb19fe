"""The official CSV and ZIP formats, read and written to the digit."""
