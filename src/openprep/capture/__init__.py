"""From a paper to an acta that stands: the steps, who may take them, and what follows. Pure."""
