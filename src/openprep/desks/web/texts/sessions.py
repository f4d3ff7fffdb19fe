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
