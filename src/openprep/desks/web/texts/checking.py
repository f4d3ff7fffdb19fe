"""Texts of the cotejador's desk."""

from collections.abc import Mapping

from openprep.desks.web.texts.said import Said

CHECKING: Mapping[str, Said] = {
    "desk.take_check": Said("Cotejar actas", "Check actas"),
    "check": Said("Cotejo", "Checking"),
    "check_lead": Said(
        "Compare cada cantidad con el acta en papel.", "Compare each figure with the paper acta."
    ),
    "standing_figures": Said("Cantidades publicadas", "Published figures"),
    "field": Said("Campo", "Field"),
    "figure": Said("Cantidad", "Figure"),
    "state.ilegible": Said("Ilegible", "Illegible"),
    "state.sin_dato": Said("Sin dato", "No data"),
    "state.sin_acta": Said("Sin acta", "No acta"),
    "state.no_capturado": Said("No capturado", "Not captured"),
    "state.no_en_boleta": Said("No está en la boleta", "Not on the ballot"),
    "state.no_aplica": Said("No aplica", "Not applicable"),
    "observed": Said("Observaciones:", "Observations:"),
    "observation.ilegible": Said("Algún dato es ilegible", "Some figure is illegible"),
    "observation.sin_dato": Said("Falta algún dato", "Some figure is missing"),
    "observation.algun_campo_ilegible_o_sin_dato": Said(
        "Algún campo es ilegible o no tiene dato", "Some field is illegible or has no data"
    ),
    "observation.todos_ilegibles": Said("Todo es ilegible", "All is illegible"),
    "observation.todos_sin_dato": Said("No hay ningún dato", "There is no data at all"),
    "observation.todos_ilegibles_o_sin_dato": Said(
        "Todo es ilegible o no tiene dato", "All is illegible or has no data"
    ),
    "observation.excede_lista_nominal": Said("Excede la lista nominal", "Exceeds the list"),
    "observation.sin_acta_paquete_no_entregado": Said(
        "Paquete no entregado", "Package not delivered"
    ),
    "observation.sin_acta_casilla_no_instalada": Said(
        "Casilla no instalada", "Casilla not installed"
    ),
    "observation.sin_acta_paquete_sin_bolsa": Said("Paquete sin bolsa", "Package without bag"),
    "observation.sin_acta_contingencia_urna": Said(
        "Contingencia con la urna electrónica", "Failure of the electronic urn"
    ),
    "observation.fuera_de_catalogo": Said("Fuera de catálogo", "Out of catalogue"),
    "observation.identificada_por_pto": Said(
        "Identificada por el procedimiento técnico", "Identified by the technical procedure"
    ),
    "observation.letra_distinta_de_numero": Said(
        "Letra y número son distintos", "Letters and numbers differ"
    ),
    "observation.solo_letra": Said("Solo con letra", "In letters only"),
    "observation.solo_numero": Said("Solo con número", "In numbers only"),
    "verdict": Said("Resultado del cotejo", "What was found"),
    "verdict.accepted": Said("Todo coincide con el papel", "All is as on the paper"),
    "verdict.recapture": Said("Capturarla otra vez", "Capture it again"),
    "verdict.redigitise": Said("Digitalizarla otra vez", "Digitise it again"),
    "check_reason": Said(
        "Motivo, si no coincide (se publica)", "Reason, if it differs (it is published)"
    ),
    "record_check": Said("Registrar el cotejo", "Record the check"),
    "check_two": Said(
        "Si no coincide, otra persona (cotejo o coordinación) lo acuerda antes de que se haga.",
        "If it differs, another person (checking or coordination) agrees before it is done.",
    ),
    "no_verdict": Said("Elija el resultado del cotejo.", "Choose what was found."),
    "R040": Said(
        "Esta acta ya no espera cotejo. Pida la siguiente.",
        "This acta waits for no check any more. Ask for the next one.",
    ),
}
