"""Texts of the page at which sessions are ended."""

from collections.abc import Mapping

from openprep.desks.web.texts.said import Said

SESSIONS: Mapping[str, Said] = {
    "desk.consent": Said("Ver sesiones y acuerdos", "See sessions and what needs two people"),
    "sessions": Said("Sesiones", "Sessions"),
    "signed_in": Said("Personas en la sala", "People signed in"),
    "role": Said("Trabajo", "Work"),
    "end_session": Said("Terminar", "End"),
    "ask_end": Said("Pedir que termine", "Ask to end it"),
    "ask_end_of": Said("Pedir que termine la sesión de {name}", "Ask to end {name}'s session"),
    "asked_for": Said("Esperan a una segunda persona", "These wait for a second person"),
    "end_of": Said(
        "Terminar la sesión de {name} ({role}, {place})", "End {name}'s session ({role}, {place})"
    ),
    "agree": Said("De acuerdo: terminarla", "Agree: end it"),
    "withdraw": Said("Ya no pedirlo", "Ask no more"),
    "two_people": Said(
        "Una persona lo pide y otra lo acuerda, antes de diez minutos. La sesión termina ahí; "
        "lo que se tecleó en ella queda guardado.",
        "One person asks and another agrees, within ten minutes. The session is over at once; what "
        "was typed in it is kept.",
    ),
    "K340": Said("Quien lo pide no lo acuerda.", "Who asks does not agree to it."),
    "K341": Said("Su trabajo no permite esto.", "Your work does not allow this."),
    "K342": Said("Ya nadie lo pide.", "Nobody asks for it any more."),
    "K343": Said("Esperó demasiado: pídalo otra vez.", "It waited too long: ask again."),
}
