"""Texts of the page at which sessions are ended."""

from collections.abc import Mapping

from openprep.desks.web.texts.said import Said

SESSIONS: Mapping[str, Said] = {
    "desk.consent": Said("Abrir, cerrar y acordar", "Open, close and agree"),
    "sessions": Said("Lo que se hace entre dos", "What takes two people"),
    "signed_in": Said("Personas en la sala", "People signed in"),
    "role": Said("Trabajo", "Work"),
    "end_session": Said("Terminar", "End"),
    "ask_end": Said("Pedir que termine", "Ask to end it"),
    "ask_end_of": Said("Pedir que termine la sesión de {name}", "Ask to end {name}'s session"),
    "the_house": Said("La sala", "The room"),
    "ask_to_open": Said("Pedir que se abra", "Ask to open it"),
    "ask_to_close": Said("Pedir que se cierre", "Ask to close it"),
    "open_house": Said("Abrir la sala", "Open the room"),
    "close_house": Said(
        "Cerrar la sala: lo empezado se puede guardar durante {minutes} minutos",
        "Close the room: what is begun can be saved for {minutes} minutes",
    ),
    "correction": Said(
        "{contest}, acta {acta}: {verdict}. Motivo: {reason}",
        "{contest}, acta {acta}: {verdict}. Reason: {reason}",
    ),
    "see_image": Said("Ver la imagen", "See the image"),
    "to_shut_out": Said("Dejar fuera", "Shut out"),
    "name_to_shut_out": Said("Usuario de la persona", "The person's user name"),
    "place_to_shut_out": Said("Lugar de trabajo", "Place of work"),
    "ask_to_shut_out": Said("Pedir que quede fuera", "Ask to shut out"),
    "ask_to_shut_out_place": Said("Pedir que el lugar quede fuera", "Ask to shut out the place"),
    "shut_out": Said("Dejar fuera: {name}", "Shut out: {name}"),
    "let_in": Said("Readmitir: {name}", "Let in again: {name}"),
    "the_place": Said("el lugar {place}", "the place {place}"),
    "not_listed": Said("alguien que ya no está en la lista", "somebody who is not listed any more"),
    "no_such_name": Said("Nadie de la lista tiene ese usuario.", "Nobody listed has that name."),
    "are_out": Said("Están fuera", "They are shut out"),
    "ask_to_let_in": Said("Pedir que se readmita", "Ask to let in again"),
    "ask_to_let_in_who": Said("Pedir que se readmita a {name}", "Ask to let in {name} again"),
    "K345": Said(
        "Quien lo pide o lo acuerda no queda fuera por eso, ni su lugar.",
        "Who asks or agrees is not shut out by it, nor is their place.",
    ),
    "asked_for": Said("Esperan a una segunda persona", "These wait for a second person"),
    "end_of": Said(
        "Terminar la sesión de {name} ({role}, {place})", "End {name}'s session ({role}, {place})"
    ),
    "agree": Said("De acuerdo: hacerlo", "Agree: do it"),
    "withdraw": Said("Ya no pedirlo", "Ask no more"),
    "two_people": Said(
        "Una persona lo pide y otra lo acuerda, antes de diez minutos, y se hace ahí mismo. Lo que "
        "alguien tecleó queda guardado.",
        "One person asks and another agrees, within ten minutes, and it is done at once. What "
        "anybody typed is kept.",
    ),
    "K340": Said("Quien lo pide no lo acuerda.", "Who asks does not agree to it."),
    "K341": Said("Su trabajo no permite esto.", "Your work does not allow this."),
    "K342": Said("Ya nadie lo pide.", "Nobody asks for it any more."),
    "K343": Said("Esperó demasiado: pídalo otra vez.", "It waited too long: ask again."),
}
