"""One command, `openprep`, whose sub-commands read as the users' verbs."""
