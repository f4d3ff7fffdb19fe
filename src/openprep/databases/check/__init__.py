"""Whether what a file says can be: its rows, its times and its figures."""
