"""What whoever serves a tree may see."""

from openprep.coded import Coded


class HostingCode(Coded):
    """Why no configuration of a server is written."""

    NOT_FOR_NGINX = ("P061", "It cannot stand in a configuration of nginx: nothing was written.")
