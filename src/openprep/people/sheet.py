"""The sheet of what each person is handed: one strip of paper each, to be cut along the lines.

It has names, passwords and secrets: it stays with the authority, is printed, handed out and
destroyed. So it asks for nothing from anywhere, and is written for its owner only.
"""

from collections.abc import Iterable
from html import escape

import segno

from openprep.people.enlisting import Handout

_HEAD = """<!DOCTYPE html>
<html lang="es">
<meta charset="utf-8">
<meta http-equiv="Content-Security-Policy" content="default-src 'none'; style-src 'unsafe-inline'">
<title>Entrega de accesos · {election}</title>
<style>
body {{ font: 11pt/1.5 sans-serif; max-width: 18cm; margin: 0 auto }}
section {{ display: flex; gap: 1cm; padding: .5cm 0 }}
section {{ border-bottom: 1px dashed; break-inside: avoid }}
svg {{ flex: none; width: 4.5cm; height: 4.5cm }}
h2 {{ margin: 0; font-size: 12pt }}
dl {{ display: grid; grid-template-columns: max-content 1fr; gap: 0 .5cm; margin: 0 }}
dd {{ margin: 0; overflow-wrap: anywhere }}
code {{ font-size: 12pt }}
small code {{ font-size: 7pt }}
</style>
<h1>Entrega de accesos · {election} · lista {number}</h1>
<p>Una tira por persona: se recorta, se entrega en mano y no se guarda copia.
El código se lee con la aplicación de códigos de un solo uso del teléfono.</p>
"""

_STRIP = """<section>
{drawing}
<div>
<h2>{name}</h2>
<dl>
<dt>Usuario</dt><dd><code>{sign_in}</code></dd>
<dt>Contraseña</dt><dd><code>{password}</code></dd>
<dt>Rol</dt><dd>{role}</dd>
<dt>Lugares</dt><dd>{places}</dd>
</dl>
<small><code>{address}</code></small>
</div>
</section>
"""


def sheet_of(election: str, number: int, handouts: Iterable[Handout]) -> bytes:
    """The sheet as a page to print."""
    strips = (_strip(one) for one in handouts)
    head = _HEAD.format(election=escape(election), number=number)
    return (head + "".join(strips)).encode()


def _strip(one: Handout) -> str:
    drawing = segno.make_qr(one.address, error="m").svg_inline(scale=4, omitsize=True)
    return _STRIP.format(
        drawing=drawing,
        name=escape(one.name),
        sign_in=escape(one.sign_in),
        password=escape(one.password),
        role=escape(one.role.value),
        places=escape(" ".join(one.places)),
        address=escape(one.address),
    )
