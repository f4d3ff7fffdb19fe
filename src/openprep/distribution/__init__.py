"""The distribution service: publishers ask, and get what they lack, sealed to them."""
