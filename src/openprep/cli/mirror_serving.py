"""`openprep mirror serve`, `nginx` and `sync`: how a mirror's verified tree reaches its readers."""

from pathlib import Path

import click

from openprep.cli.options import FILE, FOLDER, NEW_PATH, fail, log_to_stderr, run_until_stopped

DATA = click.option("--data", type=FOLDER, required=True, help="The mirror's own folder.")
CERTIFICATE = click.option("--certificate", type=FILE, help="Speak TLS with this chain (PEM).")
KEY = click.option("--key", type=FILE, help="The certificate's private key (PEM).")


def _check_pair(certificate: Path | None, key: Path | None) -> None:
    if (certificate is None) != (key is None):
        raise click.UsageError("--certificate and --key go together")


@click.command()
@DATA
@click.option("--host", default="127.0.0.1", show_default=True, help="Address to listen on.")
@click.option("--port", default=8021, show_default=True, help="Port to listen on.")
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
@CERTIFICATE
@KEY
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
    from openprep.hosting.server import Limits
    from openprep.hosting.serving import Serving
    from openprep.hosting.serving import serve as serve_until_stopped

    _check_pair(certificate, key)
    limits = Limits(connections=connections, per_address=per_address)
    budget = memory * 1024 * 1024
    public = data / "public"
    try:
        serve_until_stopped(Serving(public, host, port, limits, budget, certificate, key, workers))
    except OSError as trouble:
        fail(trouble)


@click.command()
@DATA
@click.option("--server-name", required=True, help="Name of the site, as readers type it.")
@click.option(
    "--listen",
    multiple=True,
    help="Port, or address:port; may be repeated. [default: 80, or 443 with a certificate]",
)
@CERTIFICATE
@KEY
@click.option(
    "--brotli/--no-brotli",
    default=True,
    help="Without Debian's libnginx-mod-http-brotli-static: gzip only.",
)
@click.option(
    "--requests",
    default=100,
    show_default=True,
    type=click.IntRange(1),
    help="Requests a second of one address, beyond a burst of four times as many.",
)
@click.option(
    "--connections",
    default=100,
    show_default=True,
    type=click.IntRange(1),
    help="Connections of one address.",
)
@click.option("--log", type=NEW_PATH, default=Path("/var/log/nginx"), help="Folder for logs.")
@click.option(
    "--whole",
    type=NEW_PATH,
    help="Write a whole nginx.conf that runs in this folder, apart from the system's nginx.",
)
@click.option("--user", help="With --whole: the user as which workers run, if root starts it.")
@click.option("--output", type=NEW_PATH, help="Write here, not to the terminal.")
def nginx(
    data: Path,
    server_name: str,
    listen: tuple[str, ...],
    certificate: Path | None,
    key: Path | None,
    brotli: bool,
    requests: int,
    connections: int,
    log: Path,
    whole: Path | None,
    user: str | None,
    output: Path | None,
) -> None:
    """Write a configuration with which nginx serves a mirror's verified tree."""
    from openprep.hosting.nginx import (
        NotForNginx,
        Process,
        Site,
        site_configuration,
        whole_configuration,
    )

    _check_pair(certificate, key)
    site = Site(
        public=(data / "public").resolve(),
        server_name=server_name,
        listen=listen,
        certificate=certificate.resolve() if certificate else None,
        key=key.resolve() if key else None,
        brotli=brotli,
        requests=requests,
        burst=4 * requests,
        connections=connections,
        log=str(log.resolve()),
    )
    try:
        if whole is None:
            text = site_configuration(site)
        else:
            text = whole_configuration(site, Process(whole.resolve(), user=user))
        if output is None:
            click.echo(text, nl=False)
        else:
            output.write_text(text)
    except (NotForNginx, OSError) as trouble:
        fail(trouble)


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
    from openprep.mirror.bucket import BucketSync, store_at
    from openprep.mirror.bucket_codes import BucketTrouble
    from openprep.mirror.bucket_memory import Uploaded
    from openprep.mirror.bucket_run import follow_tree, sync_once

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
    except BucketTrouble as trouble:
        fail(trouble)
