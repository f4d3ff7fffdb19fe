"""Taking a cut whole, from its files to the one rename that shows it."""
