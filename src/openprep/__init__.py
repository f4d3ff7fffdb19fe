"""OpenPREP: preliminary electoral results, from the acta to the citizen, verifiable by anyone."""

__version__ = "0.1.0"
