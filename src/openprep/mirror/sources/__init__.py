"""Where a publisher gets files from: the centre, other publishers, a folder."""
