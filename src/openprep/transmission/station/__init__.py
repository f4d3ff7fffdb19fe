"""A station's side: what is saved, and its delivery."""
