/** Canonical JSON as TUF signs it: members by name, no spaces, `"` and `\` escaped, whole numbers. */

import { utf8, type Bytes } from './bytes';
import { Refusal } from '../refusal';

export function canonical(value: unknown): Bytes {
  return utf8(write(value));
}

function write(value: unknown): string {
  if (value === null || typeof value === 'boolean') return String(value);
  if (typeof value === 'number' && Number.isSafeInteger(value)) return String(value);
  if (typeof value === 'string') return `"${value.replace(/["\\]/g, '\\$&')}"`;
  if (Array.isArray(value)) return `[${value.map(write).join(',')}]`;
  if (typeof value !== 'object') throw new Refusal('format', 'canonical JSON');
  const members = Object.entries(value).sort(([a], [b]) => (a < b ? -1 : 1));
  return `{${members.map(([name, member]) => `${write(name)}:${write(member)}`).join(',')}}`;
}
