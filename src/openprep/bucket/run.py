"""Filling a bucket as a process: once, or at each turn of the mirror's tree."""

import asyncio
import logging

from openprep.bucket.codes import BucketTrouble
from openprep.bucket.sync import BucketSync

log = logging.getLogger("openprep.mirror.sync")

SLOWEST_POLL = 30.0
"""Seconds between two attempts while the bucket does not take what it is sent."""


async def sync_once(bucket: BucketSync, *, verify: bool) -> None:
    """Bring the bucket to the mirror's cut, and say what that took.

    Raises:
        BucketTrouble: it stays at a cut that it has whole.
    """
    if verify:
        lost = await bucket.verify()
        log.info("%d files were not in the bucket as they were sent", lost)
    report = await bucket.sync()
    if report is None:
        log.info("nothing new")
    else:
        log.info(
            "cut %d is in the bucket: %d files, %d bytes sent",
            report.cut,
            report.files,
            report.sent_bytes,
        )


async def follow_tree(bucket: BucketSync, poll: float, *, verify: bool) -> None:
    """Send every cut that the mirror shows, until cancelled; trouble is told and tried again."""
    failures = 0
    while True:
        try:
            if verify:
                await sync_once(bucket, verify=True)
                verify = False
            elif (report := await bucket.sync()) is not None:
                log.info("cut %d is in the bucket: %d files sent", report.cut, report.files)
            failures = 0
        except BucketTrouble as trouble:
            failures += 1
            log.warning("%s", trouble)
        await asyncio.sleep(min(poll * 2 ** min(failures, 6), SLOWEST_POLL) if failures else poll)
