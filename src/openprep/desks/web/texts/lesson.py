"""Texts of the lesson."""

from collections.abc import Mapping

from openprep.desks.web.texts.said import Said

LESSON: Mapping[str, Said] = {
    "desk.practise": Said("Practicar con tres actas", "Practise with three actas"),
    "practice": Said("Práctica", "Practice"),
    "practice_tag": Said("PRÁCTICA", "PRACTICE"),
    "lesson.figures": Said(
        "Acta {number} de 3. Copie cada cifra y siga con Enter. Donde dice cero, teclee 0: "
        "un campo vacío no es cero.",
        "Acta {number} of 3. Copy each figure and go on with Enter. Where it says zero, type 0: "
        "an empty field is not zero.",
    ),
    "lesson.signs": Said(
        "Acta {number} de 3. Si hay algo y no se lee, teclee *. Si está en blanco, teclee -. "
        "Los ceros a la izquierda no cambian la cifra.",
        "Acta {number} of 3. If there is something that cannot be read, type *. If it is blank, "
        "type -. Leading zeros do not change the figure.",
    ),
    "lesson.sending_back": Said(
        "Acta {number} de 3. Si la imagen no se puede leer, no adivine: pida otra, al final de "
        "la página.",
        "Acta {number} of 3. If the image cannot be read, do not guess: ask for another one, at "
        "the end of the page.",
    ),
    "lesson.copying": Said(
        "Acta {number} de 3, la imagen nueva. Copie lo que dice el acta aunque no sume. El aviso "
        "que sale al guardar no corrige nada.",
        "Acta {number} of 3, the new image. Copy what the acta says even if it does not add up. "
        "The hint that comes after saving corrects nothing.",
    ),
    "lesson.result": Said("Resultado del acta {number}", "Result of acta {number}"),
    "lesson.none": Said(
        "No hay lección para las actas de esta elección.",
        "There is no lesson for the actas of this election.",
    ),
    "lesson.right": Said("Todos los campos son como en el acta.", "All fields are as on the acta."),
    "lesson.wrong": Said(
        "Campos distintos de lo que dice el acta: {count}.",
        "Fields that are not as on the acta: {count}.",
    ),
    "lesson.sent_back": Said(
        "Bien: esa imagen nadie la puede leer. Llega otra de la misma acta.",
        "Right: nobody can read that image. Another one of the same acta comes.",
    ),
    "lesson.unreadable": Said(
        "Esa imagen nadie la puede leer: había que pedir otra, no adivinar.",
        "Nobody can read that image: another one was to be asked for, not guessed at.",
    ),
    "lesson.readable": Said(
        "Esa imagen sí se podía leer: había que capturarla.",
        "That image could be read: it was to be captured.",
    ),
    "lesson.field": Said("Campo", "Field"),
    "lesson.typed": Said("Usted tecleó", "You typed"),
    "lesson.there": Said("El acta dice", "The acta says"),
    "lesson.differences": Said("Lo que no coincide", "What differs"),
    "lesson.all": Said("Sus tres actas", "Your three actas"),
    "lesson.acta": Said("Acta {number}", "Acta {number}"),
    "lesson.image_back": Said("Acta {number}, imagen ilegible", "Acta {number}, unreadable image"),
    "lesson.time": Said("Tiempo", "Time"),
    "lesson.keys": Said("Teclas", "Keystrokes"),
    "lesson.not_counted": Said("sin contar", "not counted"),
    "lesson.wrong_fields": Said("Campos distintos", "Fields that differ"),
    "lesson.this": Said(
        "Tiempo: {time}. Teclas en el formulario: {keys}.",
        "Time: {time}. Keystrokes in the form: {keys}.",
    ),
    "lesson.next": Said("Seguir", "Go on"),
    "lesson.again": Said("Repetir la lección", "Do the lesson again"),
    "lesson.nothing_kept": Said(
        "De la práctica no se guarda nada.", "Nothing of the practice is kept."
    ),
}
