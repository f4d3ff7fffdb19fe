"""Writing the official files to the digit."""
