"""What the status page says, in Spanish and in English: a symbol, a word, what to do."""

from collections.abc import Mapping
from typing import NamedTuple

from openprep.election.cut import CutKind
from openprep.watch.codes import WatchCode
from openprep.watch.report import State


class StateWords(NamedTuple):
    """A state as a reader sees it; the symbol says the same as the words, never colour alone."""

    symbol: str
    spanish: str
    english: str


class BothLanguages(NamedTuple):
    """The same in both languages, which the page shows one under the other."""

    spanish: str
    english: str


FORKED = BothLanguages(
    "Se firmaron dos historias distintas", "Two different histories were signed."
)
NETWORK_ALARM = BothLanguages("La red tiene una alarma", "The network has an alarm.")
SITE_ALARM = BothLanguages("Un sitio tiene una alarma", "One site has an alarm.")
ALL_IN_ORDER = BothLanguages("Todo en orden", "All is well.")


def sites_alarmed(number: int) -> BothLanguages:
    """That more than one site has an alarm."""
    return BothLanguages(f"{number} sitios tienen alarma", f"{number} sites have an alarm.")


STATES: Mapping[State, StateWords] = {
    State.CURRENT: StateWords("✓", "Al día", "Up to date"),
    State.BEHIND: StateWords("…", "Por actualizarse", "About to update"),
    State.UNPROVEN: StateWords("…", "Comprobando", "Being checked"),
    State.ALARM: StateWords("!", "Con alarma", "Alarm"),
    State.UNREACHABLE: StateWords("×", "No responde", "No answer"),
    State.NOT_OPEN: StateWords("○", "Aún sin resultados", "No results yet"),
    State.CLOSED: StateWords("○", "Cerró: terminó el plazo", "Closed: its time is over"),
    State.UNSEEN: StateWords("○", "Aún sin revisar", "Not checked yet"),
}

KINDS: Mapping[CutKind, str] = {
    CutKind.ZERO: "apertura en ceros",
    CutKind.LIVE: "en vivo",
    CutKind.DATABASE: "con bases de datos",
    CutKind.CLOSING: "cierre",
}

ALARMS: Mapping[WatchCode, str] = {
    WatchCode.UNREACHABLE: "No responde, o no a tiempo.",
    WatchCode.SLOW: "Responde con lentitud.",
    WatchCode.TLS: "Su certificado venció, está por vencer o es de otro nombre.",
    WatchCode.CLOCK: "Su reloj está muy desajustado.",
    WatchCode.OTHER_ELECTION: "Muestra otra elección, otras reglas o un simulacro.",
    WatchCode.SIGNATURE: "La bitácora no firmó lo que muestra, o una firma es incorrecta.",
    WatchCode.EARLY: "Muestra resultados antes de la hora de apertura.",
    WatchCode.FREEZE: "No ha tomado el corte nuevo que otros ya tienen.",
    WatchCode.ROLLBACK: "Retrocedió a un corte anterior al que ya había mostrado.",
    WatchCode.SPLIT_VIEW: "Se firmaron dos historias distintas; ambas firmas se conservan.",
    WatchCode.LOG_FILES: "Los archivos de su bitácora no corresponden a lo firmado.",
    WatchCode.POINTER: "Mezcla archivos de cortes distintos.",
    WatchCode.MANIFEST: "Su lista de archivos no es la que está en la bitácora.",
    WatchCode.ALTERED: "Un archivo no es idéntico al publicado por la autoridad.",
    WatchCode.MISSING: "Le falta un archivo del corte.",
    WatchCode.UNEXPECTED: "Algo inesperado en lo que publica interrumpió su revisión.",
    WatchCode.OLD_LOOK: "No se le ha revisado desde hace demasiado tiempo.",
    WatchCode.QUORUM: "Muy pocos difusores respaldan un corte que ya lleva tiempo publicado.",
    WatchCode.STANDSTILL: "No hay corte nuevo, aunque los resultados están abiertos.",
    WatchCode.OWN_CLOCK: "El reloj de esta vigilancia está desajustado.",
    WatchCode.TRUST: "No se han podido renovar los datos de confianza.",
    WatchCode.RETENTION_ENDED: "Terminó el plazo de publicación: los difusores pueden cerrar.",
}
