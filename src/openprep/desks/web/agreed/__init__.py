"""What takes two people: one asks, another agrees, and it is done."""
