import { createHash } from 'node:crypto';
import { expect, test } from 'vitest';
import { outsideAt } from '../../src/tree/areas';
import { MOST_BYTES, Tree } from '../../src/tree/tree';
import type { Link, Manifest, Pointer } from '../../src/tree/wire';
import { endlessly } from '../made/endless';

const election = JSON.stringify({ schema: 2, kind: 'election', name: 'Puebla' });

function refTo(text: string) {
  return { sha256: createHash('sha256').update(text).digest('hex'), size: Buffer.byteLength(text) };
}

function serving(body: string, init: ResponseInit = {}) {
  let asked = 0;
  const tree = new Tree(async () => {
    asked += 1;
    return new Response(init.status === 304 ? null : body, init);
  });
  return { tree, asked: () => asked };
}

test('an object is read once and kept', async () => {
  const { tree, asked } = serving(election);
  expect(await tree.declared(refTo(election), 'election')).toMatchObject({ name: 'Puebla' });
  await tree.declared(refTo(election), 'election');
  expect(asked()).toBe(1);
});

test('an object with other bytes than named is asked for once more past every cache, and refused', async () => {
  const asked: [string, RequestCache | undefined][] = [];
  const tree = new Tree(async (url, init) => {
    asked.push([url, init?.cache]);
    return new Response(election.replace('Puebla', 'Quebla'));
  });
  const ref = refTo(election);
  await expect(tree.declared(ref, 'election')).rejects.toMatchObject({ fault: 'altered' });
  const path = `objects/${ref.sha256.slice(0, 2)}/${ref.sha256}.json`;
  expect(asked).toEqual([
    [path, 'default'],
    [`${path}?${ref.sha256.slice(0, 16)}`, 'reload'],
  ]);
  await expect(tree.declared(ref, 'election')).rejects.toMatchObject({ fault: 'altered' });
  expect(asked.length).toBe(4);
});

test('what was right past the caches is given', async () => {
  const tree = new Tree(
    async (_, init) => new Response(init?.cache === 'reload' ? election : '<html>portal</html>'),
  );
  expect(await tree.declared(refTo(election), 'election')).toMatchObject({ name: 'Puebla' });
});

const outside = JSON.stringify({ schema: 2, kind: 'outside', leaves: [4] });
const entry = `[]\n${outside}`;
const link: Link = {
  digest: createHash('sha256').update(outside).digest('base64url'),
  at: [3, 10, entry.length],
};

test('an object is read out of the whole pack where no ranges are known, and no further than it', async () => {
  const pack = `${'x'.repeat(10)}${entry}\n${'y'.repeat(100)}`;
  expect(await outsideAt(serving(pack).tree, link)).toMatchObject({ leaves: [4] });
  expect(await outsideAt(serving(entry, { status: 206 }).tree, link)).toMatchObject({
    leaves: [4],
  });
});

test('a pack kept of a rehearsal, too short for what is named, is asked for past the caches', async () => {
  const tree = new Tree(
    async (_, init) => new Response(entry, { status: init?.cache === 'reload' ? 206 : 416 }),
  );
  expect(await outsideAt(tree, link)).toMatchObject({ leaves: [4] });
});

test('nothing is read further than the largest file that is believed', async () => {
  for (const at of [
    [3, 2 ** 50, 5],
    [3, MOST_BYTES, 5],
  ] as Link['at'][]) {
    const endless = endlessly();
    const found = outsideAt(new Tree(endless.answer), { ...link, at });
    await expect(found).rejects.toMatchObject({ fault: 'altered' });
    expect(endless.sent()).toBeLessThan(10);
  }
  const part = endlessly({ status: 206 });
  const span = { path: 'packs/3.pack', start: 0, size: 2 ** 50 };
  await new Tree(part.answer).part(span, { query: '', cache: 'default' }, 100_000);
  expect(part.sent()).toBeLessThan(10);
  const endless = endlessly();
  const large = outsideAt(new Tree(endless.answer), { ...link, at: [3, 0, MOST_BYTES + 1] });
  await expect(large).rejects.toMatchObject({ fault: 'unknown-format' });
  const pointer = { cut: 4, manifest: { ...refTo(''), size: MOST_BYTES + 1 } } as Pointer;
  await expect(new Tree(endless.answer).manifest(pointer)).rejects.toMatchObject({
    fault: 'altered',
  });
  expect(endless.sent()).toBe(0);
});

test('an object that is not the one that was named, or stands at no place, is refused', async () => {
  for (const [text, fault] of [
    [entry.replace('4', '5'), 'altered'],
    [outside, 'unknown-format'],
    [`[[1,2]\n${outside}`, 'unknown-format'],
    [`[[1,2,3]]\n${outside}`, 'unknown-format'],
  ] as const) {
    const { tree } = serving(text, { status: 206 });
    const at: Link['at'] = [3, 0, text.length];
    await expect(outsideAt(tree, { ...link, at })).rejects.toMatchObject({ fault });
  }
  const nowhere = outsideAt(serving(entry).tree, { ...link, at: [3, -1, 5] });
  await expect(nowhere).rejects.toMatchObject({ fault: 'unknown-format' });
});

test("an earlier cut that some cache kept of a rehearsal, or a portal's page, is asked for past the caches", async () => {
  const than = { cut: 4, election: 'E', drill: false, description: refTo('') } as Manifest;
  const right = { schema: 2, cut: 2, election: 'E', drill: false };
  for (const wrong of [JSON.stringify({ ...right, drill: true }), '<html>portal</html>']) {
    const tree = new Tree(
      async (_, init) => new Response(init?.cache === 'reload' ? JSON.stringify(right) : wrong),
    );
    expect(await tree.earlier(2, than)).toMatchObject(right);
  }
});

test('an earlier cut must be the one that was asked for, and not of after', async () => {
  const than = { cut: 4, election: 'E', drill: false, description: refTo('') } as Manifest;
  const right = { schema: 2, cut: 2, election: 'E', drill: false };
  for (const wrong of [{ cut: 3 }, { election: 'F' }, { drill: true }]) {
    const { tree } = serving(JSON.stringify({ ...right, ...wrong }));
    await expect(tree.earlier(2, than)).rejects.toMatchObject({ fault: 'altered' });
  }
  const { tree } = serving(JSON.stringify({ ...right, cut: 5 }));
  await expect(tree.earlier(5, than)).rejects.toMatchObject({ fault: 'altered' });
});

test('an object of another kind or version is refused', async () => {
  const candidacies = JSON.stringify({ schema: 2, kind: 'candidacies' });
  const old = JSON.stringify({ schema: 1, kind: 'election' });
  const future = JSON.stringify({ schema: 3, kind: 'election' });
  for (const text of [candidacies, old, future, 'null', '{']) {
    const { tree } = serving(text);
    const read = tree.declared(refTo(text), 'election');
    await expect(read).rejects.toMatchObject({ fault: 'unknown-format' });
  }
});

test('the pointer is news, the same, absent, or no answer', async () => {
  const pointer = JSON.stringify({ schema: 2, cut: 3 });
  const headers = { ETag: '"a"' };
  expect(await serving(pointer, { headers }).tree.pointer(null)).toMatchObject({
    kind: 'news',
    pointer: { cut: 3 },
    tag: { etag: '"a"' },
  });
  expect(await serving('', { status: 304 }).tree.pointer(null)).toEqual({ kind: 'same' });
  expect(await serving('', { status: 404 }).tree.pointer(null)).toEqual({ kind: 'absent' });
  const failing = serving('', { status: 503 }).tree.pointer(null);
  await expect(failing).rejects.toMatchObject({ fault: 'network' });
});

test('a manifest must be of the cut that its pointer says', async () => {
  const manifest = JSON.stringify({ schema: 2, cut: 3 });
  const pointer = { cut: 4, manifest: refTo(manifest) } as Pointer;
  await expect(serving(manifest).tree.manifest(pointer)).rejects.toMatchObject({
    fault: 'altered',
  });
});

const picture = Uint8Array.from({ length: 5000 }, (_, index) => index % 251);
const digest = createHash('sha256').update(picture).digest('hex');

/** Answers every question with these parts. */
function sending(parts: Uint8Array[]) {
  const counted = { cancelled: 0, sent: 0 };
  const body = () => {
    const left = [...parts];
    return new ReadableStream<Uint8Array>({
      pull(stream) {
        const part = left.shift();
        counted.sent += 1;
        if (part) stream.enqueue(part);
        else stream.close();
      },
      cancel: () => void (counted.cancelled += 1),
    });
  };
  return { tree: new Tree(async () => new Response(body())), counted };
}

test('an image is given whole, in whatever pieces it comes', async () => {
  const { tree } = sending([
    picture.subarray(0, 7),
    picture.subarray(7, 4999),
    picture.subarray(4999),
  ]);
  const image = await tree.image(digest, picture.length);
  expect([image.size, image.type]).toEqual([picture.length, 'image/jpeg']);
  expect(new Uint8Array(await image.arrayBuffer())).toEqual(picture);
});

test('another image, a shorter or a longer one is never given', async () => {
  const other = picture.slice().fill(1, 0, 1);
  for (const parts of [[other], [picture.subarray(1)], [picture, picture], []]) {
    const asked = sending(parts).tree.image(digest, picture.length);
    await expect(asked).rejects.toMatchObject({ fault: 'altered' });
  }
});

test('an image without end is let go at the size that was announced', async () => {
  const endless = Array.from({ length: 1000 }, () => picture);
  const { tree, counted } = sending(endless);
  await expect(tree.image(digest, picture.length)).rejects.toMatchObject({ fault: 'altered' });
  expect(counted.cancelled).toBe(2);
  expect(counted.sent).toBeLessThan(10);
});

test('an image that is not there yet is missing, and no answer is no answer', async () => {
  const missing = serving('', { status: 404 }).tree.image(digest, 5);
  await expect(missing).rejects.toMatchObject({ fault: 'missing' });
  const failing = serving('', { status: 503 }).tree.image(digest, 5);
  await expect(failing).rejects.toMatchObject({ fault: 'network' });
});
