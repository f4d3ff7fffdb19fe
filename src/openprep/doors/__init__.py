"""How strangers come in: what they may hold of a listener, so that others still get in.

Every listener stands behind the same door: its connections are bounded in all and by address, below
the files that the process may open; a request must be whole in time; a body must come at a least
rate. Where a bound is reached, who has waited longest without asking for anything makes room.
"""
