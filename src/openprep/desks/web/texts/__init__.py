"""What the pages say, Spanish first."""
