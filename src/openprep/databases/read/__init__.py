"""Reading a file that an authority published, whatever its dialect."""
