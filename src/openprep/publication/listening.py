"""Listening at an address, and saying so in words if it cannot be had."""

from aiohttp import web

from openprep.publication.codes import PublicationCode
from openprep.publication.starting import StartRefused


async def listen(app: web.Application, host: str, port: int) -> web.AppRunner:
    """Serve ``app`` there, and go on.

    Raises:
        StartRefused: ADDRESS_TAKEN.
    """
    runner = web.AppRunner(app, access_log=None, shutdown_timeout=1.0)
    await runner.setup()
    try:
        await web.TCPSite(runner, host, port).start()
    except OSError as error:
        await runner.cleanup()
        raise StartRefused(PublicationCode.ADDRESS_TAKEN, f"{host}:{port}: {error}") from error
    return runner
