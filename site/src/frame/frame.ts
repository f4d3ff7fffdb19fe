/**
 * A publisher's frame: its name, logo, colours and links, from `frame.json` beside the tree. It is
 * data of that mirror alone, outside of the verified tree: bounded, read field by field, and drawn
 * in one bar of its own. It can name no figure and no other colour of the page.
 */

export interface Frame {
  name: string;
  logo: string | null;
  ink: string | null;
  paper: string | null;
  links: { text: string; href: string }[];
}

const MOST_BYTES = 32_768;
const MOST_LINKS = 6;
const LONGEST = 80;
const LOGO = /^data:image\/(png|webp|jpeg);base64,[A-Za-z0-9+/]+=*$/;
const COLOUR = /^#[0-9a-f]{6}$/i;
/** WCAG 2.2, 1.4.3. */
const LEAST_CONTRAST = 4.5;

/** The frame that a JSON text declares; `null` where it is none. What does not fit is left out. */
export function parseFrame(text: string): Frame | null {
  let found: unknown;
  try {
    found = text.length <= MOST_BYTES ? JSON.parse(text) : null;
  } catch {
    return null;
  }
  if (typeof found !== 'object' || found === null) return null;
  const { name, logo, ink, paper, links } = found as Record<string, unknown>;
  if (!isLine(name)) return null;
  const pair = isColour(ink) && isColour(paper) && contrast(ink, paper) >= LEAST_CONTRAST;
  return {
    name,
    logo: typeof logo === 'string' && LOGO.test(logo) ? logo : null,
    ink: pair ? ink : null,
    paper: pair ? paper : null,
    links: Array.isArray(links)
      ? links
          .filter(isLink)
          .slice(0, MOST_LINKS)
          .map(({ text, href }) => ({ text, href }))
      : [],
  };
}

function isLine(value: unknown): value is string {
  return typeof value === 'string' && value.trim() !== '' && value.length <= LONGEST;
}

function isColour(value: unknown): value is string {
  return typeof value === 'string' && COLOUR.test(value);
}

function isLink(value: unknown): value is { text: string; href: string } {
  const { text, href } = (value ?? {}) as Record<string, unknown>;
  return isLine(text) && typeof href === 'string' && /^https:\/\/[^\s]{1,200}$/.test(href);
}

function luminance(colour: string): number {
  const [red, green, blue] = [1, 3, 5].map((at) => {
    const part = parseInt(colour.slice(at, at + 2), 16) / 255;
    return part <= 0.03928 ? part / 12.92 : ((part + 0.055) / 1.055) ** 2.4;
  }) as [number, number, number];
  return 0.2126 * red + 0.7152 * green + 0.0722 * blue;
}

/** Contrast of two colours, from 1 to 21 (WCAG). */
export function contrast(colour: string, other: string): number {
  const [dark, light] = [luminance(colour), luminance(other)].toSorted((a, b) => a - b) as [
    number,
    number,
  ];
  return (light + 0.05) / (dark + 0.05);
}
