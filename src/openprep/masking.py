"""Addresses as a message may show them: without the secrets that people write into them."""

import logging
import re

_USER = re.compile(r"([A-Za-z][A-Za-z0-9+.-]*://)[^/?#\s'\"]*@")
_PARAMETER = re.compile(
    r"(?i)\b(sig|signature|x-amz-signature|x-amz-credential|x-amz-security-token|x-goog-signature"
    r"|token|password|secret|key)=[^&\s'\"]+"
)


def masked(text: str) -> str:
    """``text`` with users and passwords of addresses, and signed parameters, as ``***``."""
    return _PARAMETER.sub(r"\1=***", _USER.sub(r"\1***@", text))


class MaskedFormatter(logging.Formatter):
    """Lines of a log without secrets, whoever wrote them, and of exceptions, too."""

    def format(self, record: logging.LogRecord) -> str:
        """The record as a line, masked."""
        return masked(super().format(record))
