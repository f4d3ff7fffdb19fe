"""Texts of the capturista's desk."""

from collections.abc import Mapping

from openprep.desks.web.texts.said import Said

CAPTURE: Mapping[str, Said] = {
    "capture": Said("Captura", "Capture"),
    "acta": Said("Acta", "Acta"),
    "acta_of": Said("{contest}, acta {acta}", "{contest}, acta {acta}"),
    "unidentified": Said("sin identificar", "without identity"),
    "image_of": Said("Imagen del acta {acta}", "Image of acta {acta}"),
    "figures": Said("Cifras del acta", "Figures of the acta"),
    "keys": Said(
        "Enter o ↓: siguiente. ↑: anterior. *: ilegible. -: sin dato. El cero se teclea.",
        "Enter or ↓: next. ↑: previous. *: illegible. -: no figure. Zero is typed.",
    ),
    "field.unregistered": Said("Candidaturas no registradas", "Candidates not registered"),
    "field.null": Said("Votos nulos", "Null votes"),
    "field.surplus_ballots": Said("Boletas sobrantes", "Surplus ballots"),
    "field.people_voted": Said("Personas que votaron", "People who voted"),
    "field.representatives_voted": Said("Representantes que votaron", "Representatives who voted"),
    "field.ballots_taken": Said("Votos sacados de la urna", "Ballots taken from the box"),
    "field.total_written": Said("Total escrito en el acta", "Total written in the acta"),
    "empty": Said("Falta teclear", "Nothing typed yet"),
    "wrong": Said("No es una cifra", "Not a figure"),
    "fields_missing": Said("Faltan campos", "Fields are missing"),
    "ilegible": Said("ilegible", "illegible"),
    "sin_dato": Said("sin dato", "no figure"),
    "four": Said(
        "Cuatro dígitos. Enter otra vez si así está en el acta.",
        "Four digits. Enter again if the acta has it so.",
    ),
    "no_paste": Said("Aquí se teclea, no se pega.", "Type here: nothing is pasted."),
    "save": Said("Guardar acta", "Save acta"),
    "saving": Said(
        "Fin del acta. Enter otra vez para guardar.", "End of the acta. Enter again to save."
    ),
    "noted": Said("Observaciones del acta", "What the acta shows besides"),
    "noted.letra_distinta_de_numero": Said(
        "Letra y número no coinciden", "Letters and numbers differ"
    ),
    "noted.solo_letra": Said("Solo con letra", "In letters only"),
    "noted.solo_numero": Said("Solo con número", "In numbers only"),
    "another_image": Said("No se lee: pedir otra imagen", "Unreadable: ask for another image"),
    "why_unread": Said("Motivo", "Reason"),
    "why.ilegible": Said("La imagen no se puede leer", "The image cannot be read"),
    "why.otra_acta": Said("Es el acta de otra casilla", "It is another casilla's acta"),
    "why.incompleta": Said("Falta una parte del acta", "A part of the acta is missing"),
    "why.otra": Said("Otro motivo, escrito abajo", "Another reason, written below"),
    "details": Said("Detalle", "Details"),
    "ask": Said("Pedir otra imagen", "Ask for another image"),
    "hints": Said("Revise antes de guardar", "Look before saving"),
    "hints_lead": Said(
        "Las dos respuestas conservan lo que tecleó.", "Both answers keep what you typed."
    ),
    "hint.four_digits": Said("Un campo tiene cuatro dígitos.", "A field has four digits."),
    "hint.nothing_read": Said("Ningún campo de votos tiene cifra.", "No vote field has a figure."),
    "hint.people_and_ballots": Said(
        "Personas con representantes, y votos sacados, no son iguales.",
        "People with representatives, and ballots taken, are not as many.",
    ),
    "hint.total_otherwise": Said(
        "El total escrito no es la suma de los votos.",
        "The written total is not the sum of the votes.",
    ),
    "hint.ballots_and_votes": Said(
        "Los votos sacados y la suma de los votos no son iguales.",
        "Ballots taken and the sum of the votes are not as many.",
    ),
    "hint.over_the_list": Said(
        "Hay más votos que lista nominal y representantes.",
        "More votes than the list and the representatives.",
    ),
    "go_to": Said("Ir al campo: {field}", "Go to the field: {field}"),
    "as_it_is": Said("Así está en el acta", "The acta has it so"),
    "back_to_fields": Said("Volver a los campos", "Back to the fields"),
    "nothing_waits": Said("No hay actas por ahora", "No acta waits now"),
    "nothing_lead": Said("Pida la siguiente en un momento.", "Ask for the next one in a moment."),
    "ask_next": Said("Pedir la siguiente acta", "Ask for the next acta"),
}
