"""The process of a house: its folder, its places, what it delivers and how it stands."""
