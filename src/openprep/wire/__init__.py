"""What is on the wire: types, bytes and verification of the published tree. Pure."""
