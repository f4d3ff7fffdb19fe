"""`openprep mirror serve` and `sync`: how a mirror's verified tree reaches its readers."""

from pathlib import Path

import click

from openprep.cli.options import (
    FOLDER,
    PORT,
    certificate_options,
    check_pair,
    fail,
    log_to_stderr,
    run_until_stopped,
)
from openprep.coded import CodedError

DATA = click.option("--data", type=FOLDER, required=True, help="The mirror's own folder.")


@click.command()
@DATA
@click.option("--host", default="127.0.0.1", show_default=True, help="Address to listen on.")
@click.option("--port", default=8021, show_default=True, type=PORT, help="Port to listen on.")
@click.option(
    "--workers", default=1, show_default=True, type=click.IntRange(1, 64), help="Processes."
)
@click.option(
    "--memory",
    default=256,
    show_default=True,
    type=click.IntRange(1),
    help="MiB of files that each process keeps in memory.",
)
@click.option(
    "--connections",
    default=4096,
    show_default=True,
    type=click.IntRange(1),
    help="Connections of each process.",
)
@click.option(
    "--connections-per-address",
    "per_address",
    default=256,
    show_default=True,
    type=click.IntRange(1),
    help="Connections of one address; behind a shield or CDN, as many as it opens.",
)
@certificate_options
def serve(
    data: Path,
    host: str,
    port: int,
    workers: int,
    memory: int,
    connections: int,
    per_address: int,
    certificate: Path | None,
    key: Path | None,
) -> None:
    """Serve a mirror's verified tree with the built-in server."""
    from openprep.hosting.http.server import Limits
    from openprep.hosting.http.serving import Serving
    from openprep.hosting.http.serving import serve as serve_until_stopped
    from openprep.mirror.codes import MirrorCode, Refused

    check_pair(certificate, key)
    limits = Limits(connections=connections, per_address=per_address)
    budget = memory * 1024 * 1024
    serving = Serving(data / "public", host, port, limits, budget, certificate, key, workers)
    try:
        serving.tls()
    except OSError as trouble:
        fail(trouble)
    try:
        serve_until_stopped(serving)
    except OSError as trouble:
        where = f"{host}:{port}"
        fail(Refused(MirrorCode.ADDRESS_TAKEN, "{where}: {trouble}", where=where, trouble=trouble))


@click.command()
@DATA
@click.option(
    "--to",
    "target",
    required=True,
    help="s3://bucket/prefix, gs://…, az://…, file://… or a folder.",
)
@click.option("--watch", is_flag=True, help="Go on, and send each cut when the mirror shows it.")
@click.option(
    "--poll",
    default=1.0,
    show_default=True,
    type=click.FloatRange(min=0.05),
    help="With --watch: seconds between two looks at the mirror's tree.",
)
@click.option("--verify", is_flag=True, help="First list the bucket, and send what it lost.")
@click.option("--gzip", "packed", is_flag=True, help="Store texts packed; not where a CDN does so.")
@click.option(
    "--concurrency",
    default=16,
    show_default=True,
    type=click.IntRange(1, 256),
    help="Files sent at once.",
)
def sync(
    data: Path,
    target: str,
    watch: bool,
    poll: float,
    verify: bool,
    packed: bool,
    concurrency: int,
) -> None:
    """Copy a mirror's verified tree into a bucket or folder: objects first, pointer last."""
    from openprep.bucket.memory import Uploaded
    from openprep.bucket.run import follow_tree, sync_once
    from openprep.bucket.sync import BucketSync, store_at

    log_to_stderr()
    try:
        uploaded = Uploaded(data / "sync", target)
        bucket = BucketSync(
            data / "public", store_at(target), uploaded, concurrency=concurrency, packed=packed
        )
        if watch:
            run_until_stopped(lambda: follow_tree(bucket, poll, verify=verify))
        else:
            run_until_stopped(lambda: sync_once(bucket, verify=verify))
    except CodedError as trouble:
        fail(trouble)
