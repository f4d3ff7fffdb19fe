/** From a pointer to an acta: objects by range out of packs, and actas that are proved in the log. */

import { describe, expect, test } from 'vitest';
import { utf8 } from '../../src/check/log/bytes';
import { childAt, type Section } from '../../src/address/walk';
import { encodeActa } from '../../src/check/log/leaf';
import { outsideAt, rootOf } from '../../src/tree/areas';
import { readLeaves } from '../../src/tree/leaves';
import { readOutside, readSeccion, readVersions } from '../../src/tree/seccion';
import { Tree } from '../../src/tree/tree';
import { countOf, sheetOf } from '../../src/counting/tally';
import type { ActaLeaf } from '../../src/tree/wire';
import { endlessly } from '../made/endless';
import { actaOf, CONTEST, MadeTree, RULES } from '../made/tree';

async function opened(made: MadeTree, tree = new Tree(made.fetch)) {
  const manifest = await tree.manifest(made.pointer);
  const description = await tree.declared(manifest.description, 'election');
  const root = await rootOf(tree, manifest, 'X');
  return { tree, cut: { manifest, description }, root };
}

async function sectionAt(made: MadeTree, path: string, asked?: Tree) {
  const { tree, cut, root } = await opened(made, asked);
  const [entity, district, name] = path.split('/') as [string, string, string];
  const within = await childAt(tree, root, entity);
  const unit = within?.kind === 'area' ? await childAt(tree, within, district) : null;
  const section = unit?.kind === 'area' ? await childAt(tree, unit, name) : null;
  const { unit: own, run, index } = section as Section;
  const read = () => readSeccion(tree, cut, CONTEST, own, run, index);
  return { tree, cut, own, run, index, read };
}

describe.each([true, false])('where the server knows ranges (%s)', (ranges) => {
  test('every section is what its actas come to, and its list says the same', async () => {
    const made = new MadeTree();
    made.ranges = ranges;
    for (const { path, actas } of made.sections.filter((_, index) => index % 5 === 0)) {
      const { read, run, index } = await sectionAt(made, path);
      const found = await read();
      expect(found.path).toBe(path);
      expect(found.actas.map(({ acta }) => acta)).toEqual(
        actas.map(({ standing }) => standing?.acta ?? null),
      );
      for (const { acta, counting, total, expected } of found.actas) {
        expect({ counting, total }).toEqual(
          acta ? countOf(sheetOf(acta), expected, RULES) : { counting: -1, total: 0 },
        );
      }
      const listed = run.sections[index]!;
      expect(listed).toMatchObject({
        captured: found.summary.captured,
        counted: found.summary.counted,
        total: found.votes.total,
      });
      const sum = found.votes.candidacies.reduce((all, { votes }) => all + votes, 0);
      expect(sum + found.votes.unregistered + found.votes.null).toBe(found.votes.total);
    }
  });
});

test('an area has its names and shares beside its figures, and its parts where they are', async () => {
  const made = new MadeTree();
  const { root } = await opened(made);
  expect(root.summary).toEqual(made.manifest.contests[0]!.summary);
  expect(root.votes).toEqual(made.manifest.contests[0]!.votes);
  expect(root.children.map(({ path, level }) => `${level} ${path}`)).toEqual(
    ['01', '02', '03', '04', '05'].map((id) => `entity ${id}`),
  );
});

test('an acta that was read before is given again, also when what is kept is full', async () => {
  const made = new MadeTree();
  const { tree, cut } = await opened(made);
  const spots = made.sections
    .flatMap(({ actas }) => actas.flatMap(({ standing }) => standing ?? []))
    .slice(0, 4)
    .map(({ leaf }) => ({ leaf, offset: null }));
  await readLeaves(tree, cut.manifest, spots.slice(0, 3), 1);
  const found = await readLeaves(tree, cut.manifest, spots, 1);
  expect([...found.keys()].toSorted((a, b) => a - b)).toEqual(spots.map(({ leaf }) => leaf));
  expect([...found.values()].every(Boolean)).toBe(true);
  const before = made.asked.length;
  await readLeaves(tree, cut.manifest, spots.slice(3), 1);
  expect(made.asked).toHaveLength(before);
  await readLeaves(tree, cut.manifest, spots.slice(0, 1), 1);
  expect(made.asked.length).toBeGreaterThan(before);
});

test('versions that were superseded are read too, and an entry longer than was asked for', async () => {
  const made = new MadeTree();
  const { tree, cut, read } = await sectionAt(made, '03/1/0311');
  const section = await read();
  const acta = section.actas.find(({ earlier }) => earlier.length > 0)!;
  const versions = await readVersions(tree, cut.manifest, CONTEST, acta);
  expect(versions.map((version) => [version.leaf, version.acta.version])).toEqual([
    [acta.earlier[0], 1],
    [acta.leaf, 2],
  ]);
  const { root } = await opened(made);
  const outside = await outsideAt(tree, root.out_of_catalogue!);
  const found = await readOutside(tree, cut.manifest, CONTEST, outside, 10);
  expect(found.map(({ acta }) => acta.reason?.length ?? 0)).toEqual([0, 2400]);
  expect(await readOutside(tree, cut.manifest, CONTEST, outside, 1)).toHaveLength(1);
});

test('neighbours in a bundle come in one answer, and what was proved is not asked for again', async () => {
  const made = new MadeTree();
  const { read } = await sectionAt(made, '02/1/0213');
  made.asked.length = 0;
  await read();
  expect(made.answersTo('tile/entries')).toBe(1);
  const before = made.asked.length;
  await read();
  expect(made.asked).toHaveLength(before);
});

test('what was proved is shown without the network, and the rest when it is there again', async () => {
  const made = new MadeTree();
  let reached = true;
  const tree = new Tree((url, init) =>
    reached ? made.fetch(url, init) : Promise.reject(new TypeError('offline')),
  );
  const { cut } = await opened(made, tree);
  const first = made.outside[0]!;
  // In another bundle than the first, and than the cut.
  const last = { leaf: 3, offset: null };
  await readLeaves(tree, cut.manifest, [first]);
  reached = false;
  const away = readLeaves(tree, cut.manifest, [last]);
  await expect(away).rejects.toMatchObject({ fault: 'network' });
  expect((await readLeaves(tree, cut.manifest, [first])).size).toBe(1);
  reached = true;
  expect((await readLeaves(tree, cut.manifest, [last])).size).toBe(1);
});

test('a checkpoint that was not there is asked for again', async () => {
  const made = new MadeTree();
  const { tree, cut } = await opened(made);
  const note = made.files.get('cuts/0.note')!;
  made.files.delete('cuts/0.note');
  const early = readLeaves(tree, cut.manifest, made.outside);
  await expect(early).rejects.toMatchObject({ fault: 'missing' });
  made.files.set('cuts/0.note', note);
  expect((await readLeaves(tree, cut.manifest, made.outside)).size).toBe(2);
});

test('a partial bundle that is gone is the beginning of the full one', async () => {
  const made = new MadeTree();
  const [partial] = [...made.files.keys()].filter((path) => /entries.*\.p\//.test(path));
  made.files.set(partial!.replace(/\.p\/.*/, ''), made.files.get(partial!)!);
  made.files.delete(partial!);
  const { read } = await sectionAt(made, '05/2/0526');
  expect((await read()).actas.some(({ acta }) => acta)).toBe(true);
});

describe('an acta is shown only as the log has it', () => {
  const PATH = '02/1/0213';

  async function refused(alter: (made: MadeTree) => void): Promise<unknown> {
    const made = new MadeTree();
    alter(made);
    const { read } = await sectionAt(made, PATH);
    return read().catch((error: unknown) => error);
  }

  function ofSection(made: MadeTree) {
    return made.sections.find(({ path }) => path === PATH)!.actas[0]!.standing!;
  }

  function bundleOf(made: MadeTree, leaf: number): string {
    const start = `tile/entries/${String(Math.floor(leaf / 256)).padStart(3, '0')}`;
    return [...made.files.keys()].find((path) => path.startsWith(start))!;
  }

  test('not with another figure', async () => {
    const error = await refused((made) => {
      const { leaf, offset } = ofSection(made);
      const bundle = made.files.get(bundleOf(made, leaf))!;
      const votes = bundle.indexOf('['.charCodeAt(0), offset + 3);
      const digit = bundle.findIndex((byte, at) => at > votes && byte >= 0x31 && byte <= 0x38);
      bundle[digit]! += 1;
    });
    expect(error).toMatchObject({ fault: 'altered' });
  });

  test('not at another place of the log, or of another checkpoint than the cut', async () => {
    for (const alter of [
      (made: MadeTree) => {
        const { leaf } = ofSection(made);
        const path = bundleOf(made, leaf).replace('entries', '0');
        made.files.get(path)![((leaf ^ 1) % 256) * 32]! ^= 1;
      },
      (made: MadeTree) => {
        made.leaves.push(utf8('["cut",2,1]'));
        made.write();
      },
    ])
      expect(await refused(alter)).toMatchObject({ fault: 'altered' });
  });

  /** Puts an acta of the section into the log with its figures in another order. */
  function forge(made: MadeTree): ActaLeaf {
    const { leaf, acta } = ofSection(made);
    const forged = { ...acta, votes: acta.votes.toReversed() };
    made.leaves[leaf] = encodeActa(forged);
    return forged;
  }

  test('not because it was proved in the log of another checkpoint', async () => {
    const genuine = new MadeTree();
    let now = new MadeTree({
      more: (made) => {
        ofSection(made).acta = forge(made);
        return [];
      },
    });
    const tree = new Tree((url, init) => now.fetch(url, init));
    const forged = await (await sectionAt(now, PATH, tree)).read();
    expect(forged.actas[0]!.acta).toEqual(ofSection(now).acta);
    now = genuine;
    const found = await (await sectionAt(now, PATH, tree)).read();
    expect(found.actas[0]!.acta).toEqual(ofSection(genuine).acta);
    expect(found.votes).not.toEqual(forged.votes);
  });

  test('not because it was proved in another log that ended in the same cut', async () => {
    const [genuine, other] = [new MadeTree(), new MadeTree()];
    forge(other);
    other.write();
    let now = other;
    let broken = false;
    const tree = new Tree((url, init) =>
      broken && url.startsWith('tile/entries')
        ? genuine.fetch('cuts/0.note')
        : now.fetch(url, init),
    );
    const { cut, read } = await sectionAt(genuine, PATH, tree);
    expect((await read()).actas[0]!.acta).not.toEqual(ofSection(genuine).acta);
    now = genuine;
    broken = true;
    const lost = readLeaves(tree, cut.manifest, genuine.outside);
    await expect(lost).rejects.toMatchObject({ fault: 'altered' });
    broken = false;
    expect((await read()).actas[0]!.acta).toEqual(ofSection(genuine).acta);
  });

  test('not where the log does not end in the cut on screen, and is as long', async () => {
    const error = await refused((made) => {
      made.leaves[made.leaves.length - 1] = utf8('["cut",2,0]');
      made.write();
    });
    expect(error).toMatchObject({ fault: 'altered' });
  });

  test('not where the checkpoint says another size', async () => {
    const error = await refused((made) => {
      const note = new TextDecoder().decode(made.files.get('cuts/0.note'));
      made.files.set('cuts/0.note', utf8(note.replace(/\n(\d+)\n/, '\n1$1\n')));
    });
    expect(error).toMatchObject({ fault: 'altered' });
  });

  test('what some cache kept of a rehearsal is asked for past it', async () => {
    const [made, other] = [new MadeTree(), new MadeTree({ seed: 8, others: 320 })];
    for (const [path, data] of other.files) other.files.set(path.replace(/\.p\/\d+$/, '.p'), data);
    const stale = (url: string, init?: RequestInit) =>
      url.startsWith('tile/') && init?.cache !== 'reload'
        ? other.fetch(url.replace(/\.p\/\d+$/, '.p'), init)
        : made.fetch(url, init);
    const tree = new Tree(stale);
    const manifest = await tree.manifest(made.pointer);
    const description = await tree.declared(manifest.description, 'election');
    const root = await rootOf(tree, manifest, 'X');
    const entity = await childAt(tree, root, '02');
    const unit = await childAt(tree, entity as typeof root, '1');
    const section = (await childAt(tree, unit as typeof root, '0213')) as Section;
    const cut = { manifest, description };
    const found = await readSeccion(tree, cut, CONTEST, section.unit, section.run, section.index);
    expect(found.actas[0]!.acta).toEqual(ofSection(made).acta);
  });
});

describe('a leaf is of what it is named for', () => {
  const PATH = '03/1/0311';
  const WRONG: [string, Partial<ActaLeaf>][] = [
    ['version', { version: 3 }],
    ['contest', { contest: 'Y' }],
    ['acta', { acta: 'otra' }],
    ['number of columns', { votes: [1, 2, 3, 4, 5] }],
  ];

  function firstOf(made: MadeTree) {
    const { actas } = made.sections.find(({ path }) => path === PATH)!;
    return actas.find(({ standing }) => standing)!;
  }

  test.each(WRONG)('not of another %s than the one that stands', async (_, wrong) => {
    const made = new MadeTree({
      more: (own) => {
        const { standing } = firstOf(own);
        Object.assign(standing!, own.enter(encodeActa({ ...standing!.acta, ...wrong })));
        return [];
      },
    });
    const { read } = await sectionAt(made, PATH);
    await expect(read()).rejects.toMatchObject({ fault: 'altered' });
  });

  test.each(WRONG)('not of another %s than one that was superseded', async (_, wrong) => {
    const made = new MadeTree({
      more: (own) => {
        const { expected, standing } = firstOf(own);
        const before = { ...standing!.acta, version: 1, ...wrong };
        own.earlier.set(expected.id, [own.leaves.length]);
        return [encodeActa(before)];
      },
    });
    const { tree, cut, read } = await sectionAt(made, PATH);
    const acta = (await read()).actas.find((own) => own.acta)!;
    const versions = readVersions(tree, cut.manifest, CONTEST, acta);
    await expect(versions).rejects.toMatchObject({ fault: 'altered' });
  });

  test.each(WRONG)('not of another %s than one out of catalogue', async (_, wrong) => {
    const acta = actaOf(null, [1, 2, 3, 4, 5, 6], wrong);
    const made = new MadeTree({
      more: (own) => {
        own.outside.push(own.enter(encodeActa(acta)));
        return [];
      },
    });
    const { tree, cut, root } = await opened(made);
    const outside = await outsideAt(tree, root.out_of_catalogue!);
    const found = readOutside(tree, cut.manifest, CONTEST, outside, 10);
    await expect(found).rejects.toMatchObject({ fault: 'altered' });
  });
});

test('places of another cut are refused', async () => {
  const made = new MadeTree();
  const where = new TextDecoder().decode(made.files.get('cuts/0.where'));
  made.files.set('cuts/0.where', utf8(where.replace('"cut":0', '"cut":1')));
  await expect(opened(made)).rejects.toMatchObject({ fault: 'altered' });
});

test('no bundle is read further than one can be long', async () => {
  const made = new MadeTree();
  const endless = endlessly();
  const tree = new Tree((url, init) =>
    url.startsWith('tile/entries') ? endless.answer() : made.fetch(url, init),
  );
  const { cut } = await opened(made, tree);
  const far = readLeaves(tree, cut.manifest, [{ leaf: 3, offset: 17_000_000 }]);
  await expect(far).rejects.toMatchObject({ fault: 'altered' });
  expect(endless.sent()).toBeLessThan(10);
});

test('of an earlier cut without its places the totals are all that there is', async () => {
  const made = new MadeTree();
  made.files.delete('cuts/0.where');
  const tree = new Tree(made.fetch);
  const manifest = await tree.manifest(made.pointer);
  await expect(rootOf(tree, manifest, 'X')).rejects.toMatchObject({ fault: 'missing' });
  const later = { ...made.manifest, cut: 1 };
  const earlier = await tree.earlier(0, later);
  const newest = JSON.stringify(later);
  made.files.set('cuts/1.json', utf8(newest));
  await tree.manifest({
    ...made.pointer,
    cut: 1,
    manifest: {
      sha256: Buffer.from(await crypto.subtle.digest('SHA-256', utf8(newest))).toString('hex'),
      size: newest.length,
    },
  });
  await expect(rootOf(tree, earlier, 'X')).rejects.toMatchObject({ fault: 'totals-only' });
});

test('places that were written anew are looked up again', async () => {
  const made = new MadeTree();
  const where = made.files.get('cuts/0.where')!;
  const wrong = utf8(new TextDecoder().decode(where).replace(/"X":\[(\d+),(\d+)/, '"X":[$1,1$2'));
  const tree = new Tree((url, init) =>
    url === 'cuts/0.where' && init?.cache !== 'reload'
      ? Promise.resolve(new Response(wrong))
      : made.fetch(url, init),
  );
  const manifest = await tree.manifest(made.pointer);
  expect((await rootOf(tree, manifest, 'X')).children).toHaveLength(5);
});
