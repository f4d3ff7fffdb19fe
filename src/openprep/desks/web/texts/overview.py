"""Texts of the coordinador's desk."""

from collections.abc import Mapping

from openprep.desks.web.texts.said import Said

OVERVIEW: Mapping[str, Said] = {
    "desk.see_progress": Said("Ver el avance", "See the progress"),
    "overview": Said("Avance de la sala", "Progress of the room"),
    "as_of": Said("A las {time}", "At {time}"),
    "again": Said("Actualizar", "Refresh"),
    "as_csv": Said("Descargar como CSV", "Download as CSV"),
    "by_stage": Said("Actas por etapa", "Actas by stage"),
    "by_task": Said("Trabajo en espera", "Work that waits"),
    "contest": Said("Elección", "Contest"),
    "expected_actas": Said("Esperadas en total", "Expected in all"),
    "stage.expected": Said("Sin llegar", "Not here yet"),
    "stage.without_acta": Said("Sin acta", "No acta"),
    "stage.received": Said("Recibidas", "Received"),
    "stage.digitised": Said("Digitalizadas", "Digitised"),
    "stage.captured_once": Said("Capturadas una vez", "Captured once"),
    "stage.disputed": Said("Con diferencias", "With differences"),
    "stage.standing": Said("Publicables", "Ready to publish"),
    "stage.accepted": Said("Cotejadas", "Checked"),
    "stage.recapture": Said("Por recapturar", "To be captured again"),
    "stage.redigitise": Said("Por redigitalizar", "To be digitised again"),
    "task": Said("Tarea", "Task"),
    "waiting": Said("En espera", "Waiting"),
    "task.capture": Said("Captura", "Capture"),
    "task.arbitrate": Said("Verificación", "Verification"),
    "task.check": Said("Cotejo", "Checking"),
    "task.digitise": Said("Digitalización", "Digitising"),
    "at_work": Said("En manos de alguien", "In somebody's hands"),
    "pending": Said("Por enviar al centro", "Not at the centre yet"),
    "set_aside": Said("Guardadas solo como evidencia", "Kept as evidence only"),
}
