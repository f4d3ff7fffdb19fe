"""Incidents in plain words: what was set aside, refused, asked for again, or failed."""

from collections.abc import Mapping

from openprep.desks.web.texts.said import Said

INCIDENTS: Mapping[str, Said] = {
    "incident.other": Said("Otra falla: vea el registro de la sala", "Another: see the room's log"),
    "incident.sent_back": Said("Imágenes que no se pudieron leer", "Images that nobody could read"),
    "incident.redigitise": Said(
        "Redigitalizaciones pedidas en cotejo", "Digitised again, asked for in checking"
    ),
    "incident.recapture": Said(
        "Recapturas pedidas en cotejo", "Captured again, asked for in checking"
    ),
    "incident.R030": Said("La misma persona en dos partes", "The same person in two parts"),
    "incident.R031": Said("La misma sesión en dos partes", "The same session in two parts"),
    "incident.R032": Said("El mismo lugar en dos capturas", "The same place in two captures"),
    "incident.R033": Said("Imagen que no se digitalizó aquí", "An image never digitised here"),
    "incident.R034": Said("Captura de otra imagen", "A capture of another image"),
    "incident.R035": Said("La imagen es de otra acta", "The image is another acta's"),
    "incident.R036": Said("Captura con otras columnas", "A capture with other columns"),
    "incident.R037": Said("Decisión sin diferencia", "A decision where nothing differs"),
    "incident.R038": Said(
        "Decisión sobre un campo sin diferencia", "A decision on a field that does not differ"
    ),
    "incident.R039": Said("Falta el motivo", "The reason is missing"),
    "incident.R040": Said("Cotejo de otras cifras", "A check of other figures"),
    "incident.R041": Said(
        "Se dijo que falta un acta que está", "Said to be missing, and it is here"
    ),
    "incident.R042": Said("Se dio otra causa de sin acta", "Another cause of no acta was given"),
    "incident.R043": Said(
        "La imagen ya no esperaba identidad", "The image waited for no identity any more"
    ),
    "incident.R044": Said("El acta ya tenía otra imagen", "The acta had another image already"),
    "incident.R045": Said(
        "Se devolvió una imagen que ya no estaba en captura",
        "An image was sent back that was not at work",
    ),
    "incident.R046": Said("Demasiadas imágenes de un acta", "Too many images of an acta"),
    "incident.R047": Said("Demasiadas devoluciones de un acta", "An acta sent back too often"),
    "incident.R048": Said(
        "Demasiados papeles sin identidad", "Too many papers without an identity"
    ),
    "incident.R049": Said("Muestra de otras cifras", "A sample of other figures"),
    "incident.R050": Said("El acta no está en la muestra", "The acta is not in the sample"),
    "incident.R051": Said("Demasiados sorteos de muestras", "Too many samples were drawn"),
    "incident.R052": Said(
        "Se devolvió lo publicado sin una segunda persona",
        "What is published was sent back without a second person",
    ),
    "incident.R001": Said("Otro proceso usa el archivo", "Another process uses the file"),
    "incident.R002": Said("El archivo es de otra elección", "The file is another election's"),
    "incident.R003": Said("Un archivo no se puede leer", "A file cannot be read"),
    "incident.R004": Said(
        "Disco lleno: lo que se intentó no se guardó; libere espacio",
        "Disk full: what was tried was not kept; free space",
    ),
    "incident.R005": Said("Un evento fue cambiado", "An event was changed"),
    "incident.R006": Said("El archivo ya se había cerrado", "The file was closed already"),
    "incident.R007": Said("No hay permiso para escribir", "There is no right to write"),
    "incident.R008": Said(
        "El disco falló: pase la sala a otro disco", "The disk failed: use another disk"
    ),
    "incident.R009": Said("Otro programa ocupó el archivo", "Another program held the file"),
    "incident.R010": Said("Demasiados archivos abiertos", "Too many open files"),
    "incident.K101": Said("Archivo demasiado grande", "The file is too large"),
    "incident.K102": Said("Archivo que no es imagen", "The file is no picture"),
    "incident.K103": Said("Imagen dañada o incompleta", "A damaged or incomplete picture"),
    "incident.K104": Said("Imagen con demasiados puntos", "A picture of too many dots"),
    "incident.K105": Said("PDF con contraseña", "A PDF with a password"),
    "incident.K106": Said("PDF sin páginas", "A PDF without pages"),
    "incident.K107": Said("Imagen que tardó demasiado", "A picture that took too long"),
    "incident.K108": Said("Imagen que pidió demasiada memoria", "It asked for too much memory"),
    "incident.K109": Said("Imagen que no se pudo abrir", "A picture that could not be opened"),
    "incident.K110": Said("Archivo sospechoso: guárdelo", "A suspect file: keep it"),
    "incident.K111": Said("Demasiadas imágenes a la vez", "Too many pictures at a time"),
    "incident.K112": Said("Este equipo no abre imágenes", "This machine opens no pictures"),
    "incident.K407": Said("Envío demasiado lento o mal hecho", "Sent too slowly, or wrongly"),
    "incident.K409": Said("Falla de una página: vea el registro", "A page failed: see the log"),
    "incident.K459": Said(
        "Espera hasta que se corrija, con lo que depende de ello; aquí se guarda todo.",
        "Waits until it is mended, with what comes of it; all is kept here.",
    ),
    "incident.K460": Said(
        "Apartadas en el centro: alguien las revisa allá",
        "Set aside at the centre: a person there looks at them",
    ),
}
