"""The pages of a house: who may ask for what, and what they are shown."""
