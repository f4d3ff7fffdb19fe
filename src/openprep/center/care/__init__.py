"""The care of a centre: copies and their return, and how it goes."""
