import { createHash } from 'node:crypto';
import { expect, test } from 'vitest';
import { Tree } from '../src/tree';
import type { Pointer } from '../src/wire';

const area = JSON.stringify({ schema: 1, kind: 'area', name: 'Puebla' });

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
  const { tree, asked } = serving(area);
  expect(await tree.object(refTo(area), ['area'])).toMatchObject({ name: 'Puebla' });
  await tree.object(refTo(area), ['area']);
  expect(asked()).toBe(1);
});

test('an object with other bytes than named is refused, and asked for again', async () => {
  const { tree, asked } = serving(area.replace('Puebla', 'Quebla'));
  const ref = refTo(area);
  await expect(tree.object(ref, ['area'])).rejects.toMatchObject({ fault: 'altered' });
  await expect(tree.object(ref, ['area'])).rejects.toMatchObject({ fault: 'altered' });
  expect(asked()).toBe(2);
});

test('an object of another kind or version is refused', async () => {
  const section = JSON.stringify({ schema: 1, kind: 'seccion' });
  const future = JSON.stringify({ schema: 2, kind: 'area' });
  for (const text of [section, future, 'null', '{']) {
    const { tree } = serving(text);
    const read = tree.object(refTo(text), ['area']);
    await expect(read).rejects.toMatchObject({ fault: 'unknown-format' });
  }
});

test('the pointer is news, the same, absent, or no answer', async () => {
  const pointer = JSON.stringify({ schema: 1, cut: 3 });
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
  const manifest = JSON.stringify({ schema: 1, cut: 3 });
  const pointer = { cut: 4, manifest: refTo(manifest) } as Pointer;
  await expect(serving(manifest).tree.manifest(pointer)).rejects.toMatchObject({ fault: 'altered' });
});
