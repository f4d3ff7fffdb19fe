"""Texts of the acopiador's desk."""

from collections.abc import Mapping

from openprep.desks.web.texts.said import Said

RECEPTION: Mapping[str, Said] = {
    "desk.receive": Said("Recibir actas", "Receive actas"),
    "reception": Said("Acopio", "Reception"),
    "which_acta": Said(
        "Código de la etiqueta, clave del acta o sección",
        "Code of the label, id of the acta, or section",
    ),
    "find": Said("Buscar", "Find"),
    "read_code": Said("Leer el código con la cámara", "Read the code with the camera"),
    "photo_of_code": Said(
        "Fotografía del código (en un teléfono abre la cámara)",
        "Photograph of the code (on a telephone it opens the camera)",
    ),
    "read": Said("Leer el código", "Read the code"),
    "no_code": Said(
        "En la fotografía no se lee ningún código. Acérquese, o busque el acta por su sección.",
        "No code can be read on the photograph. Go nearer, or find the acta by its section.",
    ),
    "found": Said("Actas encontradas: {count}", "Actas found: {count}"),
    "not_found": Said(
        "No hay ningún acta con ese código, clave o sección. Si el papel no dice de qué casilla "
        "es, llévelo a digitalización.",
        "There is no acta of that code, id or section. If the paper does not say which casilla it "
        "is of, take it to digitising.",
    ),
    "received_at": Said("Recibida a las {time}", "Received at {time}"),
    "said_missing": Said("Sin acta: {cause}", "No acta: {cause}"),
    "label": Said("Imprimir la etiqueta", "Print the label"),
    "way": Said("Cómo llegó", "How it came"),
    "way.D": Said("Dispositivo de apoyo (DAT)", "Support vehicle (DAT)"),
    "way.F": Said("Centro de recepción fijo", "Fixed reception centre"),
    "way.I": Said("Centro de recepción itinerante", "Itinerant reception centre"),
    "receive": Said("Recibir el acta", "Receive the acta"),
    "no_acta": Said("No hay acta porque…", "There is no acta because…"),
    "say_missing": Said("Registrar que no hay acta", "Record that there is no acta"),
    "no_cause": Said("Elija por qué no hay acta.", "Choose why there is no acta."),
    "cause.sin_acta_paquete_no_entregado": Said(
        "el paquete no fue entregado", "the package was not delivered"
    ),
    "cause.sin_acta_casilla_no_instalada": Said(
        "la casilla no se instaló", "the casilla was not installed"
    ),
    "cause.sin_acta_paquete_sin_bolsa": Said(
        "el paquete venía sin la bolsa", "the package came without the bag"
    ),
    "cause.sin_acta_contingencia_urna": Said(
        "hubo una contingencia con la urna electrónica", "the electronic urn failed"
    ),
    "R041": Said(
        "Esta acta tiene un papel o una imagen aquí: no falta.",
        "This acta has a paper or an image here: it is not missing.",
    ),
    "R042": Said(
        "Ya se dijo otra causa. Avise a la coordinación.",
        "Another cause was given already. Tell the coordinator.",
    ),
    "K210": Said(
        "El código es demasiado largo. Busque el acta por su sección.",
        "The code is too long. Find the acta by its section.",
    ),
    "K211": Said(
        "El código no es de un acta. Busque el acta por su sección.",
        "The code is of no acta. Find the acta by its section.",
    ),
    "K212": Said(
        "El acta es de otra elección: no es de este lugar.",
        "The acta is of another election: it is not of this place.",
    ),
    "K213": Said(
        "Nadie de esta elección firmó el código. Busque el acta por su sección y avise a la "
        "coordinación.",
        "Nobody of this election signed the code. Find the acta by its section, and tell the "
        "coordinator.",
    ),
}
