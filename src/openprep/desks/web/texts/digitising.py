"""Texts of the digitalizador's desk."""

from collections.abc import Mapping

from openprep.desks.codes import PageCode
from openprep.desks.web.texts.said import Said

DIGITISING: Mapping[str, Said] = {
    "desk.digitise": Said("Digitalizar actas", "Digitise actas"),
    "digitising": Said("Digitalización", "Digitising"),
    "file": Said(
        "Imagen del acta: fotografía, escaneo o PDF",
        "Image of the acta: a photograph, a scan or a PDF",
    ),
    "next_scanned": Said("Siguiente del escáner ({count})", "Next of the scanner ({count})"),
    PageCode.SCANNER_AWAY.code: Said(
        "La carpeta del escáner no responde. Suba la imagen, y avise a la coordinación.",
        "The scanner's folder does not answer. Upload the image, and tell the coordinator.",
    ),
    "photo": Said(
        "Fotografía del acta (en un teléfono abre la cámara)",
        "Photograph of the acta (on a telephone it opens the camera)",
    ),
    "bring_photo": Said("Subir la fotografía", "Upload the photograph"),
    "bring": Said("Subir la imagen", "Upload the image"),
    "image_kept": Said("Imagen guardada: {acta}", "Image kept: {acta}"),
    "image_brought": Said("La imagen que subió", "The image that you uploaded"),
    "is_it_readable": Said("¿Se lee el acta?", "Can the acta be read?"),
    "readable": Said("La imagen parece legible.", "The image seems readable."),
    "maybe_not": Said("Quizá no se lea:", "It may not be readable:"),
    "reason.blurred": Said("está borrosa", "it is blurred"),
    "reason.dark": Said("está oscura", "it is dark"),
    "reason.blank": Said("la hoja está en blanco", "the sheet is blank"),
    "reason.small": Said("es demasiado pequeña", "it is too small"),
    "reason.no_identity_code": Said("no se lee su código", "its code cannot be read"),
    "which_of_these": Said("¿De cuál de estas actas es?", "Which of these actas is it?"),
    "medio": Said("Medio", "Made by"),
    "medio.movil": Said("Teléfono", "Telephone"),
    "medio.escaner": Said("Escáner", "Scanner"),
    "medio.urna": Said("Urna electrónica", "Electronic urn"),
    "origen": Said("Dónde se hizo", "Made at"),
    "origen.catd": Said("En el CATD", "The CATD"),
    "origen.casilla": Said("En la casilla", "The casilla"),
    "documento": Said("Documento", "Document"),
    "documento.acta_prep": Said("Acta PREP", "Acta PREP"),
    "documento.rpp": Said("RPP", "RPP"),
    "documento.cc": Said("CC", "CC"),
    "documento.ppc": Said("PPC", "PPC"),
    "keep_image": Said("Guardar la imagen", "Keep the image"),
    "keep_anyway": Said("Guardarla de todos modos", "Keep it anyway"),
    "take_again": Said("Tomarla otra vez", "Take it again"),
    "not_of_it": Said("El papel no es de esa acta", "The paper is not of that acta"),
    "unknown": Said("No se sabe de qué casilla es", "Nobody knows which casilla it is of"),
    "unknown_lead": Said(
        "La imagen se guarda sin identidad; el cotejo la identifica por el procedimiento técnico.",
        "The image is kept without an identity; it is identified by the technical procedure.",
    ),
    "of_contest": Said("De la elección", "Of the contest"),
    "keep_unknown": Said("Guardar sin identidad", "Keep without identity"),
    "no_file": Said("Elija un archivo.", "Choose a file."),
    "asked_again": Said("Esperan otra imagen: {count}", "These wait for another image: {count}"),
    "asked_again_lead": Said(
        "Tome el papel y súbalo como cualquier otro: su código, o lo que usted teclee, dice de qué "
        "acta es.",
        "Take the paper and upload it as any other: its code, or what you type, says whose it is.",
    ),
    "asked_since": Said("Desde las {time}: {reason}", "Since {time}: {reason}"),
    "asked_more": Said("Y {count} más, después de estas.", "And {count} more after these."),
    "same_image": Said(
        "Esta misma imagen ya está aquí, como del acta {about}. No se guardó otra vez.",
        "This very image is here already, as acta {about}'s. It was not kept again.",
    ),
    "R035": Said(
        "Esta imagen es de otra acta. Guárdela sin identidad.",
        "This image is of another acta. Keep it without identity.",
    ),
    "R046": Said(
        "El acta tiene ya tantas imágenes como puede tener.",
        "The acta has as many images already as it may have.",
    ),
    "R048": Said(
        "Este lugar tiene ya demasiados papeles sin identidad. Avise a la coordinación.",
        "This place has too many papers without identity already. Tell the coordinator.",
    ),
    "K101": Said(
        "El archivo es demasiado grande para una hoja: escanéela en gris a 300 ppp.",
        "The file is too large for one sheet: scan it in grey at 300 dpi.",
    ),
    "K102": Said("No es JPEG, PNG, TIFF ni PDF.", "It is no JPEG, PNG, TIFF or PDF."),
    "K103": Said(
        "La imagen está dañada o incompleta: tómela otra vez.",
        "The image is damaged or cut short: take it again.",
    ),
    "K104": Said(
        "La imagen es demasiado grande: escanéela a 300 ppp.",
        "The image is too large: scan it at 300 dpi.",
    ),
    "K105": Said(
        "El PDF pide contraseña: escanee sin ella.", "The PDF asks for a password: scan without."
    ),
    "K106": Said("El PDF no tiene páginas.", "The PDF has no page."),
    "K107": Said("La imagen no se pudo abrir a tiempo.", "The image could not be opened in time."),
    "K108": Said(
        "La imagen pide demasiada memoria: tómela otra vez.",
        "The image asks for too much memory: take it again.",
    ),
    "K109": Said("La imagen no se pudo abrir.", "The image could not be opened."),
    "K110": Said(
        "El archivo no se pudo abrir con seguridad. Avise a la coordinación.",
        "The file could not be opened safely. Tell the coordinator.",
    ),
    "K111": Said(
        "Hay demasiadas imágenes en espera: intente en un momento.",
        "Too many images wait: try again in a moment.",
    ),
    "K112": Said(
        "Este equipo no puede abrir imágenes ahora. Avise a la coordinación.",
        "This machine can open no image now. Tell the coordinator.",
    ),
}
