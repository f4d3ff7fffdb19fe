/** Counting again from the log, in threads: what is added up is the same, and every refusal is everybody's. */

import { describe, expect, test } from 'vitest';
import { joined, utf8, type Bytes } from '../../src/check/log/bytes';
import { encodeActa } from '../../src/check/log/leaf';
import { differing, linesOf } from '../../src/check/recount/difference';
import { idsOf, positionIn } from '../../src/check/recount/ids';
import { inParallel } from '../../src/check/recount/parallel';
import { readPart } from '../../src/check/recount/part';
import { recount, type Progress, type Read } from '../../src/check/recount/recount';
import { RowWriter, VOTES } from '../../src/check/recount/rows';
import { Refusal } from '../../src/check/refusal';
import { Source } from '../../src/check/source';
import { Tree } from '../../src/tree/tree';
import type { VoteField } from '../../src/tree/wire';
import { actaOf, dice, MadeTree } from '../made/tree';

async function count(made: MadeTree, threads: number, told: Progress[] = []) {
  const source = new Source('', made.fetch);
  const thread: Read = (log, span, tell) => readPart(source, log, span, tell);
  const all = Array.from({ length: threads }, () => thread);
  const tell = (progress: Progress) => void told.push(progress);
  return recount(source, new Tree(made.fetch), made.manifest, 'X', all, tell);
}

describe('a contest counted in threads', () => {
  test.each([1, 2, 4, 50])('comes to what is published (%i)', async (threads) => {
    const made = new MadeTree({ others: 1000 });
    const found = await count(made, threads);
    const lines = linesOf(found);
    expect(differing(lines)).toEqual([]);
    expect(new Set(lines.map(({ of }) => of)).size).toBe(7);
    expect(found.recounted.summary.expected).toBe(120);
    expect(found.recounted.summary.out_of_catalogue).toBe(2);
    expect(found.recounted.total).toBeGreaterThan(0);
    expect(found.leaves).toBe(made.leaves.length);
  });

  test('tells how many leaves all threads have, up to all, and reads each bundle once', async () => {
    const made = new MadeTree({ others: 1000 });
    const told: Progress[] = [];
    await count(made, 3, told);
    const leaves = told.map((progress) => progress.leaves);
    expect(leaves).toEqual(leaves.toSorted((a, b) => a - b));
    expect(leaves.at(-1)).toBe(made.leaves.length);
    expect(made.answersTo('tile/entries')).toBe(Math.ceil(made.leaves.length / 256));
  });

  test('needs no places of results: then what the manifest says is compared', async () => {
    const made = new MadeTree();
    made.files.delete('cuts/0.where');
    const found = await count(made, 2);
    expect(found.published).toBe(null);
    expect(differing(linesOf(found))).toEqual([]);
  });

  test.each(['captured', 'counted', 'lista_nominal', 'participation'] as const)(
    'that is published otherwise is told by the figure (%s)',
    async (name) => {
      const found = await count(new MadeTree(), 1);
      found.cut.summary[name] = found.cut.summary[name]! + 1;
      expect(differing(linesOf(found))).toMatchObject([{ of: 'summary', name }]);
    },
  );

  test('of which an area below says something else is told by its place', async () => {
    const found = await count(new MadeTree(), 1);
    found.published!.children[2]!.counted -= 1;
    expect(differing(linesOf(found))).toMatchObject([
      { of: 'place', name: 'counted', place: { path: '03' } },
    ]);
  });

  test('of which one byte of the log was altered is refused as a whole', async () => {
    const made = new MadeTree();
    const bundle = made.files.get('tile/entries/000')!;
    const digit = bundle.findIndex((byte, at) => at > 20_000 && byte >= 0x31 && byte <= 0x38);
    bundle[digit]! += 1;
    await expect(count(made, 4)).rejects.toMatchObject({ reason: expect.any(String) });
  });

  test.each([
    [
      'a version that does not follow',
      (made: MadeTree) => [encodeActa(actaOf(free(made), [1, 1, 1, 1, 1, 1], { version: 2 }))],
      'other-entry',
    ],
    [
      'the first version again',
      (made: MadeTree) => [encodeActa(actaOf(taken(made), [1, 1, 1, 1, 1, 1]))],
      'other-entry',
    ],
    [
      'an acta that nobody expects',
      () => [encodeActa(actaOf('9999B', [1, 1, 1, 1, 1, 1]))],
      'format',
    ],
    [
      'fewer votes than columns',
      (made: MadeTree) => [encodeActa(actaOf(free(made), [1, 1, 1, 1, 1]))],
      'format',
    ],
    [
      'one identified that never stood outside',
      (made: MadeTree) => [encodeActa(actaOf(free(made), [1, 1, 1, 1, 1, 1], { identifies: 5 }))],
      'other-entry',
    ],
    [
      'one identified twice',
      (made: MadeTree) => {
        const [one, other] = made.sections
          .flatMap(({ actas }) => actas)
          .filter(({ standing }) => !standing);
        const identifies = made.outside[0]!.leaf;
        return [one!, other!].map(({ expected }) =>
          encodeActa(actaOf(expected.id, [1, 1, 1, 1, 1, 1], { identifies })),
        );
      },
      'other-entry',
    ],
    ['a cut too many', () => [utf8('["cut",2,7,"live"]')], 'structure'],
    ['what is no leaf', () => [utf8('{"leaf":"acta"}')], 'format'],
  ] as [string, (made: MadeTree) => Bytes[], string][])(
    'whose log has %s is refused',
    async (_, more, reason) => {
      await expect(count(new MadeTree({ more }), 2)).rejects.toMatchObject({ reason });
    },
  );

  test('an acta that was identified stands outside no longer', async () => {
    const more = (made: MadeTree) => {
      const identifies = made.outside[0]!.leaf;
      return [encodeActa(actaOf(free(made), [1, 1, 1, 1, 1, 1], { identifies }))];
    };
    const { recounted } = await count(new MadeTree({ more }), 2);
    expect(recounted.summary.out_of_catalogue).toBe(1);
  });

  test('of which one thread fails is refused as a whole', async () => {
    const made = new MadeTree();
    const source = new Source('', made.fetch);
    const works: Read = (log, span, tell) => readPart(source, log, span, tell);
    const fails: Read = () => Promise.reject(new Refusal('network', 'worker'));
    const tree = new Tree(made.fetch);
    await expect(
      recount(source, tree, made.manifest, 'X', [works, fails, works], () => {}),
    ).rejects.toMatchObject({ reason: 'network', at: 'worker' });
  });
});

function free(made: MadeTree): string {
  return made.sections.flatMap(({ actas }) => actas).find(({ standing }) => !standing)!.expected.id;
}

function taken(made: MadeTree): string {
  return made.sections.flatMap(({ actas }) => actas).find(({ standing }) => standing)!.expected.id;
}

test('an id is found by its bytes, whatever its letters, and no other', () => {
  const names = ['a', 'b"c', 'ñandú', '', ...Array.from({ length: 500 }, (_, at) => `id ${at}`)];
  const ids = idsOf(names, () => {
    throw new Error('twice');
  });
  for (const [index, name] of names.entries()) {
    const written = utf8(`--${JSON.stringify(name)}--`);
    expect(positionIn(ids, written, 3, written.length - 3)).toBe(index);
  }
  for (const other of ['A', 'id 500', 'id', 'b"']) {
    const written = utf8(JSON.stringify(other));
    expect(positionIn(ids, written, 1, written.length - 1)).toBe(-1);
  }
  expect(() =>
    idsOf(['a', 'b', 'a'], (name) => {
      throw new Refusal('twice', name);
    }),
  ).toThrow(new Refusal('twice', 'a'));
});

test.each([1, 2, 3, 4, 5])('rows say what their leaves say (%i)', (seed) => {
  const roll = dice(seed);
  const states = ['ilegible', 'sin_dato', 'no_en_boleta', 'no_capturado', 'sin_acta', 'no_aplica'];
  const ids = idsOf(['uno', 'd"os'], (name) => {
    throw new Error(name);
  });
  const writer = new RowWriter('X', 4, ids, 1);
  const leaves = Array.from({ length: 200 }, (_, index) =>
    actaOf(
      [null, 'uno', 'd"os'][roll(3)]!,
      Array.from({ length: 4 }, () =>
        roll(4) === 0 ? (states[roll(6)] as VoteField) : roll(100_000_000),
      ),
      {
        version: 1 + roll(20),
        reason: [null, '', 'con "comillas" y \\ barras', 'ñ\n'][roll(4)]!,
        identifies: roll(3) === 0 ? roll(index + 1) : null,
        observations: [[], ['solo_letra'], ['ilegible', 'sin_acta_paquete_sin_bolsa']][
          roll(3)
        ] as [],
      },
    ),
  );
  leaves.forEach((acta, index) => {
    const entry = joined(utf8('??'), encodeActa(acta));
    writer.take(index + 1, entry, 2, entry.length);
  });
  const { data, count: rows } = writer.rows;
  expect(rows).toBe(200);
  leaves.forEach((acta, index) => {
    const [leaf, position, version, identifies, flags, ...votes] = data.subarray(
      index * (VOTES + 4),
      (index + 1) * (VOTES + 4),
    );
    expect([leaf, version, identifies]).toEqual([index + 1, acta.version, acta.identifies ?? -1]);
    expect(position).toBe(acta.acta === null ? -1 : ['uno', 'd"os'].indexOf(acta.acta));
    expect(votes).toEqual(acta.votes.map((field) => (typeof field === 'number' ? field : 0)));
    const hasCount = acta.votes.some((field) => typeof field === 'number');
    const both = acta.observations.includes('ilegible') ? 6 : 0;
    expect(flags).toBe((hasCount ? 1 : 0) + both);
  });
});

test('what is read ahead comes in its order, and a failure is nobody’s loss', async () => {
  const taken: number[] = [];
  const read = async (item: number) => {
    await new Promise((done) => setTimeout(done, 5 - item));
    if (item === 4) throw new Refusal('network');
    return item;
  };
  await inParallel([0, 1, 2, 3], 3, read, (_, found) => void taken.push(found));
  expect(taken).toEqual([0, 1, 2, 3]);
  await expect(inParallel([0, 4, 1], 3, read, () => {})).rejects.toMatchObject({
    reason: 'network',
  });
});
