/** Words of the help, and of who publishes. */

import { count } from '../../figures/format';
import type { Language } from '..';

const es = {
  intro: 'Preguntas que hace la gente, las palabras de esta página y quién la publica.',
  seek: 'Buscar en las preguntas',
  found: (found: number) =>
    found === 0
      ? 'Ninguna pregunta tiene esas palabras.'
      : found === 1
        ? '1 pregunta'
        : `${count(found)} preguntas`,
  questions: 'Preguntas frecuentes',
  glossary: 'Glosario',
  publishers: 'Quién publica',
  publishersText:
    'Los difusores oficiales copian estos archivos byte por byte y, antes de mostrarlos, vuelven a contar cada cifra.',
  directory: 'Ver el directorio de difusores',
  nobody: 'Todavía no hay ningún difusor inscrito.',
  vouched: (members: string[], threshold: number) =>
    `Su navegador verificó las firmas: esta lista la firmaron al menos ${threshold} de ${members.join(', ')}. Quien no está en ella no es difusor oficial.`,
  withoutTrust:
    'Este sitio no publica una raíz de confianza: nada aquí puede decir quién es difusor oficial, así que no se muestra ninguna lista.',
  notVouched: 'No se muestra el directorio, porque sus firmas no se pudieron verificar.',
  watch: 'Qué muestra ahora cada difusor',
  watchText:
    'Esta página sólo habla con el sitio que la sirve, así que no puede preguntárselo a los demás. Eso lo hace la vigilancia de la red: la autoridad, un difusor o quien audite la lleva con el programa abierto «openprep watch» y publica una página con el corte que muestra cada difusor, quién lo firmó y qué anda mal. Busque su dirección con la autoridad electoral o en la barra del difusor, al pie de esta página.',
};

const en: typeof es = {
  intro: 'Questions people ask, the words of this page, and who publishes it.',
  seek: 'Search the questions',
  found: (found: number) =>
    found === 0
      ? 'No question has those words.'
      : found === 1
        ? '1 question'
        : `${count(found)} questions`,
  questions: 'Questions',
  glossary: 'Glossary',
  publishers: 'Who publishes',
  publishersText:
    'Official publishers copy these files byte for byte and, before showing them, count every figure again.',
  directory: 'See the directory of publishers',
  nobody: 'No publisher is enrolled yet.',
  vouched: (members, threshold) =>
    `Your browser verified the signatures: at least ${threshold} of ${members.join(', ')} signed this list. Whoever is not on it is no official publisher.`,
  withoutTrust:
    'This site publishes no trust root: nothing here can tell who is an official publisher, so no list is shown.',
  notVouched: 'The directory is not shown, because its signatures could not be verified.',
  watch: 'What each publisher shows now',
  watchText:
    'This page speaks only to the site that serves it, so it cannot ask the others. The network watch does: the authority, a publisher or an auditor runs it with the open program “openprep watch”, and publishes a page with the cut that each publisher shows, who signed it, and what is wrong. Look for its address with the electoral authority, or in the publisher’s bar at the foot of this page.',
};

export const helpWords: Record<Language, typeof es> = { es, en };
