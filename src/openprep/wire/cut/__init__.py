"""What a cut is made of: its manifest, its objects, and the packs that carry them."""
