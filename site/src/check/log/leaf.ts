/** Leaves of the publication log: JSON arrays in one exact form (docs/formats/log.md). */

import type {
  ActaLeaf,
  DocumentKind,
  Digitization,
  FieldState,
  Manifest,
  Observation,
  Origin,
  Ref,
} from '../../tree/wire';
import { utf8, type Bytes } from './bytes';

const SCHEMA = 2;
const MOST_COUNT = 99_999_999;
/** Images that one leaf tells of. */
const MOST_IMAGES = 2_000;
const MOST_IMAGE_BYTES = 8 * 1024 * 1024;

/** What a leaf says of a cut. */
export interface CutLeaf {
  leaf: 'cut';
  cut: number;
  kind: string;
  time: string;
  manifest_sha256: string;
  manifest_size: number;
}

/** What is counted, and how: the first leaf. */
export interface RulesLeaf {
  leaf: 'rules';
  election: string;
  drill: boolean;
  seed: string | null;
  folder_sha256: string;
  rules_sha256: string;
}

/** Images that the tree has, by the leaf of an acta that names them, with their sizes. */
export interface ImagesLeaf {
  leaf: 'images';
  images: [leaf: number, size: number][];
}

export type Leaf = (ActaLeaf & { leaf: 'acta' }) | CutLeaf | RulesLeaf | ImagesLeaf;

type Form = (value: unknown) => boolean;

const TIME = /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.(?!000000)\d{6})?(Z|[+-](?!00:00)\d\d:\d\d)$/;
/** Those of an acta may be without an offset. */
const LOCAL_TIME =
  /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.(?!000000)\d{6})?(Z|[+-](?!00:00)\d\d:\d\d)?$/;

function matching(pattern: RegExp): Form {
  return (value) => typeof value === 'string' && pattern.test(value);
}

function oneOf<Value extends string | number>(values: Record<Value, true>): Form {
  return (value) =>
    (typeof value === 'string' || typeof value === 'number') && Object.hasOwn(values, value);
}

function orNull(form: Form): Form {
  return (value) => value === null || form(value);
}

function listOf(form: Form, most = Infinity): Form {
  return (value) => Array.isArray(value) && value.length <= most && value.every(form);
}

function whole(least: number, most = Number.MAX_SAFE_INTEGER): Form {
  return (value) =>
    Number.isSafeInteger(value) && (value as number) >= least && (value as number) <= most;
}

const text: Form = (value) => typeof value === 'string';
const words: Form = (value) => typeof value === 'string' && value !== '';
const flag: Form = (value) => typeof value === 'boolean';
const digest = matching(/^[0-9a-f]{64}$/);
const time = matching(TIME);
const localTime = orNull(matching(LOCAL_TIME));
const count = whole(0, MOST_COUNT);
const state = oneOf<FieldState>({
  ilegible: true,
  sin_dato: true,
  sin_acta: true,
  no_capturado: true,
  no_en_boleta: true,
  no_aplica: true,
});
const field: Form = (value) => count(value) || (typeof value === 'string' && state(value));
const image: Form = (value) =>
  Array.isArray(value) &&
  value.length === 2 &&
  whole(0)(value[0]) &&
  whole(1, MOST_IMAGE_BYTES)(value[1]);

const OBSERVATIONS: Record<Observation, true> = {
  ilegible: true,
  sin_dato: true,
  algun_campo_ilegible_o_sin_dato: true,
  todos_ilegibles: true,
  todos_sin_dato: true,
  todos_ilegibles_o_sin_dato: true,
  excede_lista_nominal: true,
  sin_acta_paquete_no_entregado: true,
  sin_acta_casilla_no_instalada: true,
  sin_acta_paquete_sin_bolsa: true,
  sin_acta_contingencia_urna: true,
  fuera_de_catalogo: true,
  identificada_por_pto: true,
  letra_distinta_de_numero: true,
  solo_letra: true,
  solo_numero: true,
};

const ACTA: Record<keyof ActaLeaf, Form> = {
  contest: text,
  acta: orNull(text),
  version: whole(1),
  at: time,
  reason: orNull(words),
  identifies: orNull(whole(0)),
  votes: listOf(field),
  surplus_ballots: field,
  people_voted: field,
  representatives_voted: field,
  ballots_taken: field,
  total_written: field,
  observations: listOf((value) => typeof value === 'string' && oneOf(OBSERVATIONS)(value)),
  transfer: matching(/^([DFI](-[DFI]){0,2})?$/),
  image_sha256: orNull(digest),
  received_at: localTime,
  captured_at: localTime,
  verified_at: localTime,
  origin: orNull(oneOf<Origin>({ casilla: true, catd: true })),
  digitization: orNull(oneOf<Digitization>({ movil: true, escaner: true, urna: true })),
  document: orNull(
    oneOf<DocumentKind>({
      acta_prep: true,
      rpp: true,
      cc: true,
      ppc: true,
      acta_vmre: true,
      acta_va: true,
      acta_vppp: true,
      acta_ue: true,
    }),
  ),
  cotejada: orNull(whole(1, 3)),
};

/** The values of each leaf after what it is and its version, in order. */
const FORMS: Record<Leaf['leaf'], Record<string, Form>> = {
  rules: {
    election: text,
    drill: flag,
    seed: orNull(matching(/^(0|[1-9]\d{0,19})$/)),
    folder_sha256: digest,
    rules_sha256: digest,
  },
  acta: ACTA,
  images: { images: listOf(image, MOST_IMAGES) },
  cut: {
    cut: whole(0),
    kind: matching(/^(zero|live|database|closing)$/),
    time,
    manifest_sha256: digest,
    manifest_size: whole(0),
  },
};

/** The leaf in `entry`; `null` where it is none, or not in its exact form. */
export function decodeLeaf(entry: string): Leaf | null {
  let found: unknown;
  try {
    found = JSON.parse(entry);
  } catch {
    return null;
  }
  if (!Array.isArray(found)) return null;
  const [kind, schema, ...values] = found as unknown[];
  if (typeof kind !== 'string' || !Object.hasOwn(FORMS, kind) || schema !== SCHEMA) return null;
  const forms = Object.entries(FORMS[kind as Leaf['leaf']]);
  const sound =
    values.length === forms.length && forms.every(([, form], index) => form(values[index]));
  if (!sound || JSON.stringify(found) !== entry) return null;
  const members = forms.map(([name], index) => [name, values[index]]);
  return { leaf: kind, ...Object.fromEntries(members) } as Leaf;
}

/** The one byte string that stands for a version of an acta. */
export function encodeActa(acta: ActaLeaf): Bytes {
  const values = Object.keys(ACTA).map((name) => acta[name as keyof ActaLeaf]);
  return utf8(JSON.stringify(['acta', SCHEMA, ...values]));
}

/** The leaf that ends the cut whose manifest has the digest and size of `ref`. */
export function cutLeaf(manifest: Manifest, ref: Ref): Bytes {
  const { cut, kind, time } = manifest;
  return utf8(JSON.stringify(['cut', SCHEMA, cut, kind, time, ref.sha256, ref.size]));
}
