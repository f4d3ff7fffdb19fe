"""Forms as data: the printed acta, its label, filled images of it, and where every field stands."""
