/** Words of finding a section by its number, and of those that are kept. */

import { count } from '../../figures/format';
import type { Language } from '..';

const es = {
  intro: (national: boolean) =>
    `Con ${national ? 'la entidad y ' : ''}el número de sección de su credencial. No se pide ningún dato personal y el número que busque no sale de su aparato.`,
  entity: 'Entidad',
  seccion: 'Sección',
  search: 'Buscar',
  searching: 'Buscando la sección…',
  bad: 'La sección es un número de hasta cuatro cifras.',
  none: (id: string) => `No hay sección ${id} aquí.`,
  some: (id: string, contests: string[]) => `La sección ${id} no está en: ${contests.join(', ')}.`,
  reading: (title: string, read: number, of: number, areas: string) =>
    `Buscando en ${title}: van ${count(read)} de ${count(of)} ${areas.toLowerCase()}. Con conexión lenta puede tardar.`,
  cutShort: (fault: string, any: boolean) =>
    `${fault} La búsqueda quedó a medias${any ? '; lo que ya se encontró está abajo' : ''}.`,
  goOn: 'Seguir buscando',
  entitiesFailed: 'No se pudo traer la lista de entidades.',
  again: 'Volver a intentarlo',
  found: 'Su sección en cada elección',
  keep: 'Guardar en este aparato',
  forget: 'Quitar',
  kept: 'Secciones guardadas en este aparato',
  keptNone: 'Todavía no guarda ninguna.',
  where: 'El número de sección está al frente de la credencial para votar.',
};

const en: typeof es = {
  intro: (national) =>
    `By the ${national ? 'state and the ' : ''}section number on your voter card. No personal data is asked for, and the number you look for does not leave your device.`,
  entity: 'State',
  seccion: 'Section',
  search: 'Search',
  searching: 'Looking for the section…',
  bad: 'A section is a number of up to four digits.',
  none: (id) => `There is no section ${id} here.`,
  some: (id, contests) => `Section ${id} is not in: ${contests.join(', ')}.`,
  reading: (title, read, of, areas) =>
    `Looking in ${title}: ${count(read)} of ${count(of)} ${areas.toLowerCase()} so far. On a slow connection this may take a while.`,
  cutShort: (fault, any) =>
    `${fault} The search is not finished${any ? '; what was found is below' : ''}.`,
  goOn: 'Go on searching',
  entitiesFailed: 'The list of states could not be fetched.',
  again: 'Try again',
  found: 'Your section in each contest',
  keep: 'Keep on this device',
  forget: 'Remove',
  kept: 'Sections kept on this device',
  keptNone: 'You keep none yet.',
  where: 'The section number is on the front of the voter card.',
};

export const findingWords: Record<Language, typeof es> = { es, en };
