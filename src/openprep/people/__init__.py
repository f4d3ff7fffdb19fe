"""Who works in the capture room: signed lists, sign-in, sessions, and what each role may do."""
