/** Words of what is taken along: an image, a link. */

import type { Language } from '..';

const es = {
  card: 'Imagen para compartir',
  cardSvg: 'Bajar en SVG',
  cardPng: 'Bajar en PNG',
  copyLink: 'Copiar el enlace de esta vista',
  copied: 'Copiado.',
  copyByHand: 'Este es el enlace:',
};

const en: typeof es = {
  card: 'Image to share',
  cardSvg: 'Download as SVG',
  cardPng: 'Download as PNG',
  copyLink: 'Copy the link to this view',
  copied: 'Copied.',
  copyByHand: 'This is the link:',
};

export const sharingWords: Record<Language, typeof es> = { es, en };
