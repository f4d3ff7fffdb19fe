/** The shared test vectors (`tests/vectors/`): the same files that the Python implementations pass. */

import { readFileSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import { base64, fromBase64, hex, joined, textOf, utf8 } from '../../src/check/log/bytes';
import { openCheckpoint } from '../../src/check/log/checkpoint';
import { decodeLeaf, encodeActa } from '../../src/check/log/leaf';
import {
  leafHash,
  nodeHash,
  rootNodes,
  verifyConsistency,
  verifyInclusion,
} from '../../src/check/log/merkle';
import { COSIGNATURE, openNote, parseVerifier, type Verifier } from '../../src/check/log/note';
import { parseReceipt, verifyReceipt } from '../../src/check/receipt';
import { differing, linesOf } from '../../src/check/recount/difference';
import { idsOf } from '../../src/check/recount/ids';
import { readPart } from '../../src/check/recount/part';
import { countRows } from '../../src/check/recount/recount';
import { Refusal } from '../../src/check/refusal';
import { Source } from '../../src/check/source';
import { digestText } from '../../src/tree/packs';
import { joinArea } from '../../src/tree/results';
import type { CutKind } from '../../src/tree/wire';
import { ContestTally, countOf, share, sheetOf } from '../../src/counting/tally';
import { GROUPS } from '../../src/figures/groups';
import { sha256 } from '../../src/check/log/hashing';

const FOLDER = new URL('../../../tests/vectors/', import.meta.url);

interface Vector {
  name: string;
  // eslint-disable-next-line @typescript-eslint/no-explicit-any -- each file has its own shape
  input: any;
  // eslint-disable-next-line @typescript-eslint/no-explicit-any -- as above
  expected: any;
}

function read(file: string): Vector[] & Record<string, Vector[]> {
  return JSON.parse(readFileSync(new URL(file, FOLDER), 'utf-8'));
}

const bytes = (text: string) => fromBase64(text) ?? utf8('not base64');
const verifiers = (texts: string[]) => Promise.all(texts.map(parseVerifier));

function keyText({ name, hash, kind, key }: Verifier): string {
  return `${name}+${hex(hash)}+${base64(Uint8Array.of(kind, ...key))}`;
}

/** What `work` gives; `null` where it refuses. */
async function orNull<Result>(work: () => Promise<Result>): Promise<Result | null> {
  try {
    return await work();
  } catch (error) {
    if (error instanceof Refusal) return null;
    throw error;
  }
}

const RECEIPT_CODES: Record<string, string> = {
  receipt: 'X040',
  'receipt-proof': 'X042',
  'receipt-keys': 'X043',
};

describe('shared vectors', () => {
  test.each(read('notes.json'))('note: $name', async ({ input, expected }) => {
    const keys = await verifiers(input.keys);
    const opened = await orNull(() => openNote(bytes(input.note), keys));
    const found = opened && opened.signatures.length > 0 ? opened : null;
    const [own, others] = [false, true].map((timed) =>
      (found?.signatures ?? []).filter(({ verifier }) => (verifier.kind === COSIGNATURE) === timed),
    );
    expect(
      found && {
        text: found.text,
        signed_by: own!.map(({ verifier }) => keyText(verifier)),
        cosigned: others!.map(({ verifier, time }) => ({ key: keyText(verifier), time })),
      },
    ).toEqual(expected);
  });

  test.each(read('checkpoints.json'))('checkpoint: $name', async ({ input, expected }) => {
    const opened = await orNull(async () =>
      openCheckpoint(
        bytes(input.note),
        input.origin,
        await verifiers(input.log),
        await verifiers(input.witnesses),
      ),
    );
    expect(
      opened && {
        origin: opened.origin,
        size: opened.size,
        root: base64(opened.root),
        cosigned: opened.cosignatures.map(({ verifier, time }) => ({
          key: keyText(verifier),
          time,
        })),
      },
    ).toEqual(expected);
  });

  const merkle = read('merkle.json');

  test.each(merkle.leaf_hashes!)('leaf hash: $name', async ({ input, expected }) => {
    expect(hex(await leafHash(bytes(input)))).toBe(expected);
  });

  test.each(merkle.roots!)('root: $name', async ({ input, expected }) => {
    const leaves = await Promise.all((input as string[]).map((leaf) => leafHash(bytes(leaf))));
    const node = async (level: number, index: number): Promise<Uint8Array> =>
      level === 0
        ? leaves[index]!
        : nodeHash(await node(level - 1, 2 * index), await node(level - 1, 2 * index + 1));
    let root: Uint8Array | null = null;
    for (const { level, index } of rootNodes(leaves.length).toReversed()) {
      const hash = await node(level, index);
      root = root ? await nodeHash(hash, root) : hash;
    }
    expect(hex(root ?? (await sha256(new Uint8Array())))).toBe(expected);
  });

  test.each(merkle.inclusion!)('inclusion: $name', async ({ input, expected }) => {
    const { leaf, index, size, proof, root } = input;
    const hash = await leafHash(bytes(leaf));
    expect(await verifyInclusion(hash, index, size, proof.map(bytes), bytes(root))).toBe(expected);
  });

  test.each(merkle.consistency!)('consistency: $name', async ({ input, expected }) => {
    const { old, new: size, old_root, new_root, proof } = input;
    const found = await verifyConsistency(
      old,
      size,
      bytes(old_root),
      bytes(new_root),
      proof.map(bytes),
    );
    expect(found).toBe(expected);
  });

  const leaves = read('leaves.json');

  test.each(leaves.encode!)('leaf: $name', async ({ input, expected }) => {
    const encoded = utf8(JSON.stringify(input));
    expect(base64(encoded)).toBe(expected.bytes);
    expect(hex(await leafHash(encoded))).toBe(expected.leaf_hash);
    const leaf = decodeLeaf(JSON.stringify(input));
    expect(leaf?.leaf).toBe(input[0]);
    if (leaf?.leaf === 'acta') expect(encodeActa(leaf)).toEqual(encoded);
  });

  test.each(leaves.decode!)('leaf in its exact form: $name', ({ input, expected }) => {
    expect(decodeLeaf(textOf(bytes(input)) ?? '') !== null).toBe(expected);
  });

  test.each(read('shares.json'))('share: $name', ({ input, expected }) => {
    expect(share(input.part, input.whole)).toBe(expected);
  });

  test.each(read('countings.json'))('counting: $name', ({ input, expected }) => {
    expect(countOf(sheetOf(input.acta), input.expected, input.rules)).toEqual(expected);
  });

  test.each(read('tallies.json'))('tally: $name', ({ input, expected }) => {
    const tally = new ContestTally(
      { ...input.contest, candidacies: input.candidacies },
      input.rules,
      input.closing,
    );
    for (const { expected: own, acta } of input.actas)
      tally.add(input.unit, own, acta && sheetOf(acta));
    expect(tally.summaryOfArea()).toEqual(expected.summary_below);
    const found = tally.result();
    const votes = Object.fromEntries(found.candidacies.map(({ key, votes }) => [key, votes]));
    const shares = Object.fromEntries(found.candidacies.map(({ key, share }) => [key, share]));
    const { summary, columns, total, unregistered, null: nobody, off_ballot, parties } = found;
    expect({ summary, columns, total, unregistered, null: nobody, off_ballot, parties }).toEqual(
      Object.fromEntries(
        ['summary', 'columns', 'total', 'unregistered', 'null', 'off_ballot', 'parties'].map(
          (name) => [name, expected[name]],
        ),
      ),
    );
    for (const { key, votes: own, share } of expected.candidacies) {
      expect([votes[key], shares[key]]).toEqual([own, share]);
    }
    expect(found.proportional).toEqual(expected.proportional);
    const keys: string[] = expected.candidacies.map(({ key }: { key: string }) => key);
    const groups = GROUPS.flatMap((group) => {
      const counted = found.groups.get(group);
      if (!counted) return [];
      const {
        candidacies,
        columns: _,
        parties: __,
        ...figures
      } = counted as typeof counted & { columns: unknown; parties: unknown };
      const byKey = new Map(candidacies.map(({ key, votes }) => [key, votes]));
      return [{ group, ...figures, candidacies: keys.map((key) => byKey.get(key)) }];
    });
    const published = expected.groups.map(
      ({ secciones: _, ...figures }: { secciones: string[] }) => figures,
    );
    expect(groups).toEqual(published);
  });

  test.each(read('objects.json'))('a contest counted from its leaves: $name', async (vector) => {
    const { input, expected } = vector;
    const [description, { units }, catalogue] = [
      input.description,
      input.candidacies,
      input.catalogue,
    ].map((text) => JSON.parse(text));
    const contest = { ...description.contests[0], candidacies: units };
    const leaves: Uint8Array[] = input.leaves.map(utf8);
    const bundle = leaves.map((leaf) =>
      joined(Uint8Array.of(leaf.length >> 8, leaf.length & 0xff), leaf),
    );
    const source = new Source('', async () => new Response(joined(...bundle)));
    const log = {
      contest: contest.id,
      columns: contest.columns.length,
      ids: idsOf(catalogue.expected.ids, (name) => {
        throw new Error(name);
      }),
      size: leaves.length,
    };
    const part = await readPart(source, log, { from: 0, until: 1 }, () => {});
    const objects = new Map<string, string>();
    for (const text of expected.objects as string[])
      objects.set(digestText(await sha256(utf8(text))), text);
    const area = JSON.parse(objects.get(expected.contest.results)!);
    const link = (digest: string) => ({ digest, at: [1, 0, 0] as [number, number, number] });
    const published = joinArea(area, JSON.parse(objects.get(area.catalogue)!), {
      children: area.children.map(link),
      outside: area.outside ? link(area.outside) : null,
    });
    const last = decodeLeaf(input.leaves.at(-1));
    const kind = last?.leaf === 'cut' ? (last.kind as CutKind) : 'live';
    const places = published.children.map(({ path }) => path);
    const { rules } = description;
    const counted = countRows(contest, rules, catalogue.expected, kind, [part], places);
    const found = { cut: expected.contest, published, ...counted, leaves: 0, bytes: 0 };
    expect(differing(linesOf(found))).toEqual([]);
    expect(published.summary).toEqual(expected.contest.summary);
    expect(published.votes).toEqual(expected.contest.votes);
    expect(published.won).toEqual(expected.contest.won);
  });

  test.each(read('receipts.json'))('receipt: $name', async ({ input, expected }) => {
    const log = (await verifiers(input.log)).map((verifier) => ({
      verifier,
      from: 0,
      until: Infinity,
    }));
    const keys = { origin: input.origin, log, witnesses: await verifiers(input.witnesses) };
    let found: unknown;
    try {
      const receipt = parseReceipt(utf8(JSON.stringify(input.receipt)));
      const { leaf, index, checkpoint, cut } = await verifyReceipt(receipt, keys);
      found = {
        contest: leaf.contest,
        acta: leaf.acta,
        version: leaf.version,
        votes: leaf.votes,
        image_sha256: leaf.image_sha256,
        index,
        size: checkpoint.size,
        cut: cut?.cut ?? null,
        cosigned: checkpoint.cosignatures.map(({ verifier }) => verifier.name),
      };
    } catch (error) {
      found = RECEIPT_CODES[(error as Refusal).reason] ?? error;
    }
    expect(found).toEqual(expected);
  });
});
