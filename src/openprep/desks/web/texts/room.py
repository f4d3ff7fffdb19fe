"""Texts of every page, of signing in, and of what was refused."""

from collections.abc import Mapping

from openprep.desks.web.texts.said import Said

ROOM: Mapping[str, Said] = {
    "skip": Said("Ir al contenido", "Skip to content"),
    "room": Said("Sala de captura", "Capture room"),
    "drill": Said("SIMULACRO", "DRILL"),
    "sign_in": Said("Entrar", "Sign in"),
    "sign_out": Said("Salir", "Sign out"),
    "name": Said("Usuario", "User name"),
    "password": Said("Contraseña", "Password"),
    "code": Said("Código de un solo uso", "One-time code"),
    "place": Said("Lugar de trabajo", "Place of work"),
    "other_language": Said("English", "Español"),
    "home": Said("Inicio", "Home"),
    "at_place": Said("{role} en {place}", "{role} at {place}"),
    "your_work": Said("Su trabajo", "Your work"),
    "no_work": Said("Su rol no tiene trabajo en este equipo.", "Your role has no work here."),
    "no_work_now": Said(
        "Su trabajo empieza cuando se abra la sala.", "Your work begins when the room opens."
    ),
    "back_home": Said("Volver al inicio", "Back to the start"),
    "role.acopiador": Said("Acopio", "Reception"),
    "role.digitalizador": Said("Digitalización", "Digitising"),
    "role.capturista": Said("Captura", "Capture"),
    "role.verificador": Said("Verificación", "Verification"),
    "role.cotejador": Said("Cotejo", "Checking against the paper"),
    "role.coordinador": Said("Coordinación", "Coordination"),
    "desk.take_capture": Said("Capturar actas", "Capture actas"),
    "desk.take_dispute": Said("Resolver diferencias", "Decide differences"),
    "camera.open": Said("Abrir la cámara de este equipo", "Open the camera of this machine"),
    "camera.view": Said("Lo que ve la cámara", "What the camera sees"),
    "camera.take": Said("Tomar la fotografía", "Take the photograph"),
    "camera.close": Said("Cerrar la cámara", "Close the camera"),
    "camera.refused": Said(
        "El navegador no da permiso para usar la cámara. Permítalo junto a la dirección de la "
        "página, o elija un archivo.",
        "The browser does not allow the camera. Allow it beside the address of the page, or choose "
        "a file.",
    ),
    "camera.none": Said(
        "Este equipo no tiene cámara, o no está conectada. Elija un archivo.",
        "This machine has no camera, or it is not connected. Choose a file.",
    ),
    "camera.busy": Said(
        "Otro programa tiene la cámara, o no responde. Ciérrelo, o elija un archivo.",
        "Another program has the camera, or it does not answer. Close that, or choose a file.",
    ),
    "camera.lost": Said(
        "La cámara se desconectó. Conéctela y ábrala otra vez.",
        "The camera was disconnected. Connect it, and open it again.",
    ),
    "hours.open": Said("La sala está abierta.", "The room is open."),
    "hours.closing": Said(
        "La sala se cerró. Guarde lo que empezó, hasta las {until}. No se reparte más trabajo.",
        "The room was closed. Save what you began, until {until}. No more work is handed out.",
    ),
    "hours.closed": Said(
        "La sala no está abierta. Dos personas la abren; lo que alguien tecleó está guardado.",
        "The room is not open. Two people open it; what anybody typed is kept.",
    ),
    "K411": Said(
        "La sala no está abierta: no se guardó como hecho. Lo que tecleó queda guardado para "
        "usted, y el papel sigue en sus manos.",
        "The room is not open: it was not recorded. What you typed is kept for you, and the paper "
        "is still in your hands.",
    ),
    "K413": Said(
        "El reloj de este equipo dice que no es el día de la elección. Avise a la coordinación: "
        "hay que ponerlo en hora.",
        "The clock of this machine says that it is not the day of the election. Tell the "
        "coordinator: it has to be set.",
    ),
    "K412": Said(
        "Usted o este lugar no pueden trabajar aquí. Avise a la coordinación.",
        "You or this place may not work here. Tell the coordinator.",
    ),
    "told": Said("Aviso", "Notice"),
    "kept_typed": Said("Lo que tecleó sigue aquí.", "What you typed is still here."),
    "K401": Said(
        "Este lugar no puede capturar esta acta. Avise a la coordinación.",
        "This place may not capture this acta. Tell the coordinator.",
    ),
    "K402": Said(
        "Ninguna acta tiene tantos votos. Compare los dígitos con la imagen.",
        "No acta has so many votes. Compare the digits with the image.",
    ),
    "K403": Said(
        "Que exceda la lista nominal lo dice la regla, no una persona.",
        "That it exceeds the list is said by the rule, not by a person.",
    ),
    "K404": Said(
        "Esta página no se hizo para usted. Pida la siguiente acta.",
        "This page was not made for you. Ask for the next acta.",
    ),
    "K405": Said("Aquí no hay ninguna página para usted.", "There is no page for you here."),
    "K406": Said(
        "La petición no vino de una página de esta sala. Vuelva a abrir la página.",
        "The request did not come from a page of this room. Open the page again.",
    ),
    "K407": Said(
        "Lo enviado no es lo que envía esta página.",
        "What was sent is not what this page sends.",
    ),
    "K408": Said(
        "La imagen no está en este equipo. Avise a la coordinación.",
        "The image is not on this machine. Tell the coordinator.",
    ),
    "K409": Said(
        "Algo falló en este equipo. No se guardó nada de esta petición. Inténtelo otra vez y "
        "avise a la coordinación.",
        "Something failed on this machine. Nothing of this request was saved. Try again, and "
        "tell the coordinator.",
    ),
    "K410": Said(
        "Esta acta ya no espera una decisión. Pida la siguiente.",
        "This acta waits for no decision any more. Ask for the next one.",
    ),
    "sign_in_again": Said(
        "Su sesión terminó. Lo que tecleó quedó guardado y vuelve cuando usted entre.",
        "Your session ended. What you typed is kept, and comes back when you sign in.",
    ),
    "K330": Said(
        "Usuario, contraseña, código o lugar no son correctos. Intente con el código siguiente.",
        "User name, password, code or place is not right. Try again with the next code.",
    ),
    "K331": Said(
        "Hubo demasiados intentos. Espere {seconds} segundos e intente otra vez.",
        "Too many attempts failed. Wait {seconds} seconds and try again.",
    ),
    "K332": Said(
        "Mucha gente entra en este momento. Intente otra vez: no se contó nada.",
        "Many people are signing in now. Try again: nothing was counted.",
    ),
    "no_entry": Said(
        "Nadie puede entrar ahora en este equipo. Avise a la coordinación.",
        "Nobody can sign in on this machine now. Tell the coordinator.",
    ),
    "not_saved": Said(
        "No se guardó. Inténtelo otra vez; si se repite, avise a la coordinación.",
        "It was not saved. Try again; if it goes on, tell the coordinator.",
    ),
}
