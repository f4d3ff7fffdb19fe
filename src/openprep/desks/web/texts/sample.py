"""Texts of the sample: of who reads it, and of who draws it."""

from collections.abc import Mapping

from openprep.desks.web.texts.said import Said

SAMPLE: Mapping[str, Said] = {
    "task.sample": Said("Muestra", "Sample"),
    "desk.sample": Said("Leer actas de la muestra", "Read actas of the sample"),
    "desk.draw_sample": Said("Muestra: sorteo y resultado", "Sample: draw and result"),
    "sample": Said("Muestra", "Sample"),
    "sample.nothing": Said(
        "Las capturas y las diferencias van primero; la muestra, cuando no queda ninguna.",
        "Captures and differences come first; the sample, when none of them is left.",
    ),
    "sample.title": Said("Campos distintos por cada mil", "Wrong fields per 1,000"),
    "sample.what": Said(
        "De cada {one_in} actas publicables, una la lee otra vez una persona que no tuvo parte en "
        "ella, sin ver ninguna cifra. Nada de esto cambia un resultado.",
        "Of every {one_in} actas that stand, one is read again by a person who had no part in it, "
        "without seeing any figure. Nothing of this changes a result.",
    ),
    "sample.off": Said(
        "En esta elección no se sortea ninguna muestra.", "No sample is drawn in this election."
    ),
    "sample.estimates": Said("Resultado hasta ahora", "Result so far"),
    "sample.everything": Said("Todas", "All"),
    "sample.contest": Said("Elección", "Contest"),
    "sample.actas": Said("Actas leídas", "Actas read"),
    "sample.fields": Said("Campos", "Fields"),
    "sample.wrong": Said("Distintos", "Different"),
    "sample.per_thousand": Said("Por cada mil", "Per 1,000"),
    "sample.between": Said("Con 95 % de confianza, entre", "With 95 % confidence, between"),
    "sample.from_to": Said("{low} y {high}", "{low} and {high}"),
    "sample.waiting": Said("Actas por leer: {count}.", "Actas still to be read: {count}."),
    "sample.draws": Said("Sorteos", "Draws"),
    "sample.drawn_at": Said("Hora", "Time"),
    "sample.size": Said("Tamaño de la bitácora", "Size of the log"),
    "sample.root": Said("Raíz", "Root"),
    "sample.one_in": Said("Una de cada", "One in"),
    "sample.differences": Said("Campos distintos", "Fields that differ"),
    "sample.field": Said("Campo", "Field"),
    "sample.more": Said("y {count} más en el archivo", "and {count} more in the file"),
    "sample.file.muestra": Said("Resultado (CSV)", "Result (CSV)"),
    "sample.file.sorteos": Said("Sorteos (CSV)", "Draws (CSV)"),
    "sample.file.diferencias": Said("Campos distintos (CSV)", "Fields that differ (CSV)"),
    "sample.draw": Said("Sortear", "Draw"),
    "sample.draw_lead": Said(
        "Pegue el archivo «checkpoint» que publican los difusores, entero: el del corte que la "
        "autoridad anunció antes. Entran las actas publicables en este momento.",
        "Paste the file “checkpoint” that publishers show, all of it: that of the cut which the "
        "authority announced before. The actas that stand at this moment can be in.",
    ),
    "sample.checked": Said(
        "Sólo se acepta con la firma de la bitácora.",
        "It is taken with the signature of the log only.",
    ),
    "sample.unchecked": Said(
        "Esta casa no tiene la clave de la bitácora: aquí nadie comprueba que el punto de control "
        "sea suyo. Otra persona debe comparar la raíz con la publicada.",
        "This house lacks the key of the log: nobody checks here that the checkpoint is its own. "
        "Another person must compare the root with the one that is published.",
    ),
    "sample.not_signed": Said(
        "Eso no lo firmó la bitácora de esta elección: pegue el archivo entero, con sus firmas.",
        "The log of this election did not sign that: paste the whole file, with its signatures.",
    ),
    "sample.checkpoint": Said("Punto de control", "Checkpoint"),
    "sample.no_checkpoint": Said(
        "Eso no es un punto de control: son tres líneas, nombre, tamaño y raíz.",
        "That is no checkpoint: it has three lines, name, size and root.",
    ),
    "sample.drawn_before": Said(
        "Con ese punto de control ya se sorteó. Espere el siguiente.",
        "That checkpoint was used before. Wait for the next one.",
    ),
}
