"""The desk of the coordinador: tables of the house, their charts, and their files."""
