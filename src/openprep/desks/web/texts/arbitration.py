"""Texts of the verificador's desk."""

from collections.abc import Mapping

from openprep.desks.web.texts.said import Said

ARBITRATION: Mapping[str, Said] = {
    "arbitrate": Said("Resolver diferencias", "Decide differences"),
    "differing": Said("Campos con diferencia", "Fields that differ"),
    "choose": Said(
        "Elija lo que dice la imagen. El orden de las dos cifras es al azar.",
        "Choose what the image says. The order of the two figures is random.",
    ),
    "third": Said("Otra cifra", "Another figure"),
    "third_of": Said("Otra cifra de {field}", "Another figure of {field}"),
    "reason": Said("Motivo, si no es ninguna de las dos", "Reason, where it is neither of the two"),
    "choose_one": Said("Falta elegir", "Nothing chosen yet"),
    "reason_missing": Said("Falta el motivo", "The reason is missing"),
    "is_noted": Said("Sí, el acta lo muestra", "Yes, the acta shows it"),
    "not_noted": Said("No", "No"),
    "decide": Said("Guardar decisión", "Save decision"),
}
