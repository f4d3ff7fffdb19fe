"""Addresses as a message may show them: without the secrets that people write into them.

Text of strangers goes through here, so every search is bounded: nothing looks back for a beginning,
or ahead for an end, further than a name or a password may be long.
"""

import logging
import re

_USER = re.compile(
    r"(?<=[A-Za-z0-9+.-]://)(?:[^/?#\s'\"@]{0,300}|[^/\s'\"@]{0,100}:[^\s'\"@]{1,300})@"
)
"""The password may have the signs that end an address, from whoever did not know better."""

_PARAMETER = re.compile(
    r"(?i)\b([\w-]{0,40}(?:sig|signature|credential|token|password|passwd|pwd|secret|key))"
    r"(=|%3d)[^&\s'\"]+"
)
_HEADER = re.compile(
    r"(?i)\b([\w-]{0,40}(?:password|passwd|pwd|secret|authorization)['\"]?[ ]?:[ ]?['\"]?)"
    r"((?:basic|bearer)[ ]+)?[^\s'\",}]+"
)


def masked(text: str) -> str:
    """``text`` with users and passwords of addresses, and what is named a secret, as ``***``."""
    without_users = _USER.sub("***@", text)
    return _HEADER.sub(r"\1***", _PARAMETER.sub(r"\1\2***", without_users))


class MaskedFormatter(logging.Formatter):
    """Lines of a log without secrets, whoever wrote them, and of exceptions, too."""

    def format(self, record: logging.LogRecord) -> str:
        """The record as a line, masked."""
        return masked(super().format(record))
