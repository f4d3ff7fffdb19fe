"""Texts of the technical procedure."""

from collections.abc import Mapping

from openprep.desks.web.texts.said import Said

IDENTIFYING: Mapping[str, Said] = {
    "desk.identify": Said("Identificar actas", "Identify actas"),
    "identify": Said("Identificación por procedimiento técnico", "Identification by procedure"),
    "unknown_image": Said("Imagen sin identidad", "An image without identity"),
    "how_known": Said("Por qué se sabe (se publica)", "How it is known (it is published)"),
    "record_identity": Said("Registrar de quién es", "Record whose it is"),
    "other_unknown": Said("Otras imágenes sin identidad", "Other images without identity"),
    "none_unknown": Said(
        "No hay imágenes sin identidad.", "There are no images without an identity."
    ),
    "R044": Said(
        "Esa acta ya tiene la imagen de otro papel.", "That acta has an image of another paper."
    ),
    "R043": Said(
        "Esta imagen ya no espera identidad.", "This image waits for no identity any more."
    ),
}
