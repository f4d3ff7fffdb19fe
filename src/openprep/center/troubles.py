"""What a centre's operator is told of something that failed."""

import logging

from openprep.coded import CodedError
from openprep.cuts.codes import PublicationCode
from openprep.record.codes import code_of

log = logging.getLogger("openprep.center")


def say_failed(failed: PublicationCode, trouble: BaseException) -> None:
    """Say what failed and why: in a line, unless it is a mistake of this program."""
    if isinstance(trouble, OSError):
        why = code_of(trouble)
        log.error("%s %s — %s %s %s", failed.code, failed.meaning, why.code, trouble, why.meaning)
    elif isinstance(trouble, CodedError):
        log.error("%s %s — %s", failed.code, failed.meaning, trouble)
    else:
        log.error("%s %s", failed.code, failed.meaning, exc_info=trouble)
