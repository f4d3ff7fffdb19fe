/** Español: las palabras de «Compruébelo usted mismo». Se bajan sólo con esa vista. */

import type { Expiry } from '../check/trust/trust';
import type { Reason } from '../check/refusal';
import { count } from '../figures/format';
import { esFirst } from './es.first';

const reasons: Record<Reason, string> = {
  network:
    'El sitio no respondió, o su respuesta no llegó completa. Puede ser su conexión: vuelva a intentarlo.',
  missing: 'Falta un archivo que este corte dice tener. Sin él no se puede comprobar.',
  altered:
    'Un archivo no es el que se firmó: su código de integridad es otro. No confíe en lo que este sitio muestra.',
  'too-large': 'Un archivo es más grande de lo que puede ser. No se leyó.',
  format:
    'Un archivo no tiene el formato documentado, o es de una versión que esta página no conoce.',
  note: 'La nota firmada está mal formada: no es la que emite el centro.',
  signature:
    'Una firma no corresponde a lo firmado: alguien alteró la nota o la firma. No confíe en lo que este sitio muestra.',
  'nobody-signed':
    'La nota no está firmada por ninguna llave del registro de esta elección. No confíe en lo que este sitio muestra.',
  checkpoint: 'El texto firmado no es el de un punto de control del registro.',
  'other-log': 'La nota firmada es del registro de otra elección.',
  'key-of-other-cuts':
    'La llave que firmó no puede firmar este corte: dejó de valer antes, o vale después.',
  'cut-not-in-log':
    'Este corte no está en el registro firmado. No confíe en lo que este sitio muestra.',
  'entry-not-in-log': 'Esa hoja no está en el registro firmado en el lugar que se dice.',
  'other-entry': 'En ese lugar del registro está otra cosa de la que la página muestra.',
  'acta-not-in-log':
    'El acta que se muestra no está en el registro firmado con estas cantidades. No confíe en ella.',
  'not-captured': 'Esta acta todavía no se captura: no hay qué comprobar.',
  fork: 'El registro ya no continúa el que este dispositivo vio antes: se cambió algo que ya se había publicado. Guarde esta pantalla y avise.',
  shrunk:
    'Este sitio ofrece un registro más corto que el que este dispositivo ya vio: oculta lo más nuevo.',
  'trust-signatures':
    'La raíz de confianza no tiene las firmas necesarias de quienes participaron en la ceremonia.',
  'trust-version':
    'Las versiones de la raíz de confianza no se siguen una a otra: puede ser una versión vieja.',
  'trust-other-election': 'La raíz de confianza es de otra elección, o de un simulacro.',
  'trust-incomplete': 'La raíz de confianza está incompleta: falta un archivo.',
  'trust-changed':
    'La raíz de confianza no es la que este dispositivo vio antes. Compare su número con el que se leyó en público.',
  'trust-gone': 'Este dispositivo vio antes una raíz de confianza, y este sitio ya no la tiene.',
  'rules-differ':
    'La elección que se muestra (contiendas, candidaturas, reglas) no es la que se firmó en la ceremonia.',
  'landing-differs': 'La portada muestra otras cifras que los resultados de la misma elección.',
  structure: 'Algo está en un lugar que no le corresponde dentro de los resultados.',
  twice: 'Algo aparece dos veces y se contaría doble.',
  counting: 'Un acta se cuenta, o no se cuenta, en contra de la regla.',
  receipt: 'No es un comprobante de una versión que esta página conozca.',
  'receipt-proof': 'El comprobante no demuestra que el acta estuviera en el registro firmado.',
  'receipt-keys':
    'El comprobante no está firmado por una llave en la que se confíe para esta elección.',
  'too-large-for-qr': 'El comprobante no cabe en un código QR. Guárdelo como archivo.',
};

const roles: Record<Expiry['role'], string> = {
  root: 'la lista de quienes firman',
  targets: 'la lista de llaves',
  snapshot: 'el número de versión',
  timestamp: 'la fecha',
};

export const esCheck = {
  reasons,
  at: 'En',
  again: 'Comprobar otra vez',
  stop: 'Detener',
  working: 'Comprobando…',
  yes: 'Sí',
  no: 'No',
  evidence: 'Ver la evidencia',
  ofCut: (cut: number) => `Comprobado en el corte ${cut}`,
  sha: 'SHA-256',

  signature: {
    title: '¿Es este el corte que se firmó?',
    before:
      'Baja la firma del registro público y la compara con las llaves que se dieron a conocer en una ceremonia. Después comprueba que este corte está en ese registro, y que el registro sólo ha crecido desde la última vez que este dispositivo lo vio.',
    button: 'Comprobar las firmas',
    done: (cut: number) =>
      `El corte ${cut} está en el registro público, firmado por una llave de la ceremonia.`,
    held: (holders: number, publishers: number) =>
      publishers === 0
        ? 'Todavía no hay difusores registrados que lo confirmen.'
        : `${count(holders)} de ${count(publishers)} difusores firmaron que tienen el mismo registro.`,
    quorum: (quorum: number, reached: boolean) =>
      reached
        ? `Es lo que pide la regla de esta elección (${count(quorum)}).`
        : `La regla de esta elección pide ${count(quorum)}; en un corte recién hecho pueden tardar unos segundos.`,
    withoutTrust:
      'Este sitio no publica una raíz de confianza, así que no hay contra qué comparar la firma: no se puede saber quién firmó. El corte sí está en el registro que la nota describe.',
    saysSigned: 'La nota dice que la firmó',
    number: 'Número de la raíz de confianza',
    numberHow:
      'Compare este número, dígito por dígito, con el que la autoridad leyó en público. Si es otro, alguien le está mostrando otra elección.',
    numberNow: 'Número de la raíz en vigor',
    compare: 'Escriba o pegue el número que usted conoce',
    same: 'Coincide: es la misma raíz.',
    differs: 'No coincide. No confíe en lo que este sitio muestra.',
    notNumber: 'El número tiene 40 dígitos.',
    expired: (parts: { role: Expiry['role']; when: string }[]) =>
      `De la raíz de confianza venció ${parts.map(({ role, when }) => `${roles[role]} (${when})`).join(', ')}. En una elección pasada es normal; en la noche de la elección, puede que este sitio ya no reciba noticias.`,
    since: {
      first:
        'Este dispositivo ve este registro por primera vez. Lo recordará, para notar si después se le muestra otro.',
      same: 'Es el mismo registro que este dispositivo vio la última vez.',
      grown: (from: number) =>
        `El registro creció desde la última vez (tenía ${count(from)} hojas) y conserva todo lo de entonces.`,
    },
    facts: {
      origin: 'Registro',
      signer: 'Firmó',
      size: 'Hojas firmadas',
      root: 'Raíz del registro',
      leaf: 'Este corte es la hoja',
      manifest: 'Manifiesto del corte (SHA-256)',
      manifestSize: 'Tamaño del manifiesto',
      members: 'Pueden firmar la raíz',
      threshold: (threshold: number, members: number) =>
        `${threshold} de ${members} firmas necesarias`,
      version: 'Versión de la raíz',
    },
    publisher: 'Difusor',
    signedAt: 'Firmó que lo tiene',
    notYet: 'Aún no',
  },

  acta: {
    title: '¿Está esta acta en el registro?',
    before:
      'Rehace, a partir de lo que la página muestra, la hoja del acta en el registro público, y demuestra que está ahí, en su lugar. Lo mismo con cada versión anterior.',
    choose: 'Elija un acta: vaya a la página de su casilla y pulse «Comprobar esta acta».',
    chosen: 'Acta elegida',
    button: 'Comprobar el acta',
    done: (versions: number) =>
      versions === 1
        ? 'El acta está en el registro firmado, con estas mismas cantidades. Nunca se ha corregido.'
        : `El acta está en el registro firmado, con estas mismas cantidades. Tiene ${count(versions)} versiones y todas están ahí.`,
    version: 'Versión',
    leaf: 'Hoja',
    when: 'Registrada',
    code: 'Código de la hoja',
    first: 'Primera',
    proof: (hashes: number, size: number) =>
      `La demostración son ${count(hashes)} códigos que llevan de la hoja a la raíz de ${count(size)} hojas.`,
    unsigned: 'No hay raíz de confianza en este sitio: la firma del registro no se pudo comprobar.',
  },

  recount: {
    title: '¿Suman las actas lo que dice la página?',
    before:
      'Baja el registro público completo, comprueba que es el que se firmó, decide otra vez cuáles actas de una elección se suman y las suma. Compara el resultado con lo publicado.',
    contest: 'Elección',
    size: (weight: string) => `Baja alrededor de ${weight}. Con datos móviles puede tener costo.`,
    button: 'Volver a contar',
    progress: (leaves: number, all: number, size: string) =>
      `${count(leaves)} de ${count(all)} hojas del registro, ${size}`,
    done: (actas: number, leaves: number) =>
      `Las ${count(actas)} actas esperadas, según las ${count(leaves)} hojas del registro, suman exactamente lo que dice la página.`,
    differs: (lines: number) =>
      `${lines === 1 ? 'Una cifra de la página no es' : `${count(lines)} cifras de la página no son`} lo que suman las actas. No confíe en lo que este sitio muestra.`,
    figure: 'Cifra',
    published: 'En la página',
    recounted: 'Al volver a contar',
    equal: 'Igual',
    unequal: 'Distinta',
    column: (name: string) => `En el recuadro de ${name}`,
    candidacy: (name: string) => `Candidatura de ${name}`,
    party: (name: string) => `Partido o independiente ${name}`,
    others: {
      total: esFirst.total,
      unregistered: esFirst.unregistered,
      null: esFirst.nullVotes,
      off_ballot: esFirst.offBallot,
      votes_with_list: 'Votos de casillas y mesas con lista nominal',
    },
    places: {
      captured: esFirst.capturedActas,
      counted: esFirst.countedActas,
      total: esFirst.total,
      leader_votes: 'Votos de quien tiene más',
    },
    basis: {
      of: 'Qué votos están en la participación',
      votes: 'Votos que están en la participación',
      above: 'Por qué son más que la lista nominal',
    },
    figures: (size: number) => `${count(size)} cifras comparadas`,
  },

  file: {
    title: '¿Es auténtico este archivo?',
    before:
      'Calcula el código de integridad de una base de datos, de la imagen del acta elegida o de un comprobante que usted tenga, y lo busca en este corte. El archivo no sale de su dispositivo.',
    choose: 'Elegir un archivo',
    drop: 'o arrástrelo aquí',
    progress: (done: string, size: string) => `${done} de ${size}`,
    database: (path: string) => `Es la base de datos oficial ${path}, sin cambios.`,
    image: 'Es la imagen del acta elegida, sin cambios.',
    receipt: (version: number) =>
      `El comprobante es auténtico: demuestra que la versión ${version} del acta se publicó.`,
    receiptCut: (cut: number) => `Se firmó con el corte ${cut}.`,
    receiptVotes: 'Votos del acta, en el orden de la boleta',
    receiptNoTrust:
      'Este sitio no tiene raíz de confianza, así que no hay contra qué comparar la firma del comprobante.',
    none: (databases: number, withImage: boolean) =>
      `${databases === 0 ? 'Este corte todavía no tiene bases de datos. El archivo no coincide con nada' : databases === 1 ? 'No coincide con la base de datos de este corte' : `No coincide con ninguna de las ${count(databases)} bases de datos de este corte`}${withImage ? ' ni con la imagen del acta elegida' : ''}. Puede ser de otro corte, de otra acta, o estar alterado.`,
    chooseActa: 'Para comparar una imagen, primero elija el acta en la página de su casilla.',
    name: 'Archivo',
    size: 'Tamaño',
  },

  receipt: {
    title: 'Guarde un comprobante',
    before:
      'Un archivo con el acta, la demostración de que estaba en el registro y las firmas. Se comprueba sin conexión, hoy o dentro de años, con «openprep audit receipt».',
    save: 'Guardar el archivo',
    qr: 'Ver el código QR',
    saved: (name: string) => `Se guardó ${name}.`,
    qrDone: 'Código QR con la forma breve del comprobante: el acta, con las firmas que caben.',
    qrLabel: 'Código QR del comprobante',
    unsigned:
      'No hay raíz de confianza en este sitio: quien reciba el comprobante tendrá que conocer la llave por otro medio.',
    choose: 'Primero elija un acta, en la página de su casilla.',
  },
};

export type CheckTexts = typeof esCheck;
