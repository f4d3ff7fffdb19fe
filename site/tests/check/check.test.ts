/** The parts of the checks that shared vectors do not reach: fallbacks, memory, QR codes. */

import { createHash, generateKeyPairSync, sign } from 'node:crypto';
import jsQR from 'jsqr';
import { describe, expect, test } from 'vitest';
import { hex, utf8, type Bytes } from '../../src/check/log/bytes';
import { canonical } from '../../src/check/log/canonical';
import { verifyEd25519, verifyWithNoble } from '../../src/check/log/ed25519';
import { sha256, sha256OfFile } from '../../src/check/log/hashing';
import { qrOf } from '../../src/check/qr';
import { Refusal } from '../../src/check/refusal';
import { holdAgainstSeen, recallSeen } from '../../src/check/trust/seen';
import type { SignedCut } from '../../src/check/signed_cut';
import { Source } from '../../src/check/source';
import { sameSpoken, spokenForm } from '../../src/check/trust/spoken';
import { tilePath } from '../../src/check/log/tiles';

const plain = (bytes: Buffer): Bytes => new Uint8Array(bytes);

function pair() {
  const { publicKey, privateKey } = generateKeyPairSync('ed25519');
  const key = plain(publicKey.export({ format: 'der', type: 'spki' }).subarray(-32));
  return { key, sign: (text: Bytes) => plain(sign(null, text, privateKey)) };
}

describe('Ed25519, of the browser and of Noble', () => {
  const message = utf8('4321 votos');
  test.each([verifyEd25519, verifyWithNoble])('%o', async (verify) => {
    const { key, sign } = pair();
    const signature = sign(message);
    expect(await verify(key, message, signature)).toBe(true);
    expect(await verify(key, utf8('4322 votos'), signature)).toBe(false);
    expect(await verify(pair().key, message, signature)).toBe(false);
    const altered = signature.slice();
    altered[40]! ^= 1;
    expect(await verify(key, message, altered)).toBe(false);
    // An S beyond the order of the group is another spelling of the same signature.
    const malleable = signature.slice();
    malleable[63]! |= 0xe0;
    expect(await verify(key, message, malleable)).toBe(false);
    expect(await verify(key.slice(1), message, signature)).toBe(false);
  });
});

test('a file is digested a piece at a time as any other bytes', async () => {
  const data = utf8('acta '.repeat(300_000));
  let told = 0;
  const digest = await sha256OfFile(new Blob([data]), (done) => (told = done));
  expect(digest).toBe(createHash('sha256').update(data).digest('hex'));
  expect(hex(await sha256(data))).toBe(digest);
  expect(told).toBe(data.length);
});

test('paths of tiles are written in groups of three digits', () => {
  expect(tilePath({ level: 0, index: 1_234_067, width: 256 })).toBe('tile/0/x001/x234/067');
  expect(tilePath({ level: 'entries', index: 7, width: 19 })).toBe('tile/entries/007.p/19');
});

test('canonical JSON is that of TUF', () => {
  const text = new TextDecoder().decode(canonical({ b: [1, true, null], a: 'ñ"\\\n' }));
  expect(text).toBe('{"a":"ñ\\"\\\\\n","b":[1,true,null]}');
  expect(() => canonical({ a: 1.5 })).toThrow(Refusal);
});

test('a number is compared however it is typed', async () => {
  const spoken = spokenForm(await sha256(utf8('raíz')));
  expect(spoken).toMatch(/^(\d{5} ){7}\d{5}$/);
  expect(sameSpoken(spoken.replaceAll(' ', ' - '), spoken)).toBe(true);
  expect(
    sameSpoken(
      spoken.replace(/\d$/, (last) => String((Number(last) + 1) % 10)),
      spoken,
    ),
  ).toBe(false);
  expect(sameSpoken('1234', spoken)).toBe(null);
});

test('a QR code holds the bytes of a receipt, accents and all', () => {
  const data = utf8(JSON.stringify({ name: 'Elección de Nuevo León', leaf: 'x'.repeat(1500) }));
  const { size, quiet, d } = qrOf(data);
  const scale = 4;
  const side = (size + 2 * quiet) * scale;
  const pixels = new Uint8ClampedArray(side * side * 4).fill(255);
  for (const [, x, y, width] of d.matchAll(/M(\d+) (\d+)h(\d+)v1H\d+z/g)) {
    for (let row = 0; row < scale; row += 1) {
      const start = ((Number(y) + quiet) * scale + row) * side + (Number(x) + quiet) * scale;
      for (let column = 0; column < Number(width) * scale; column += 1) {
        pixels.fill(0, (start + column) * 4, (start + column) * 4 + 3);
      }
    }
  }
  expect(jsQR(pixels, side, side)?.binaryData).toEqual([...data]);
});

describe('what a device saw', () => {
  const identity = { election: 'prueba', drill: false };
  const cut = (size: number, fill: number, first: string | null, fork = false) =>
    ({
      trust: first === null ? null : { first },
      checkpoint: { origin: 'o', size, root: new Uint8Array(32).fill(fill) },
      log: {
        continues: async () => {
          if (fork) throw new Refusal('fork');
        },
      },
    }) as unknown as SignedCut;
  const memory = () => {
    const kept = new Map<string, string>();
    return {
      getItem: (name: string) => kept.get(name) ?? null,
      setItem: (name: string, value: string) => void kept.set(name, value),
    };
  };

  test('is less, other, or of another root only with a refusal, and stays what it was', async () => {
    const own = memory();
    expect(await holdAgainstSeen(own, identity, cut(10, 1, 'root'))).toEqual({ kind: 'first' });
    expect(await holdAgainstSeen(own, identity, cut(12, 2, 'root'))).toEqual({
      kind: 'grown',
      from: 10,
    });
    for (const [other, reason] of [
      [cut(11, 3, 'root'), 'shrunk'],
      [cut(13, 3, 'root', true), 'fork'],
      [cut(13, 3, 'another'), 'trust-changed'],
      [cut(13, 3, null), 'trust-gone'],
    ] as const) {
      await expect(holdAgainstSeen(own, identity, other)).rejects.toMatchObject({ reason });
    }
    expect(recallSeen(own, identity)).toMatchObject({ root: 'root', checkpoint: { size: 12 } });
  });

  test('of an election says nothing of its drill', async () => {
    const own = memory();
    await holdAgainstSeen(own, identity, cut(10, 1, 'root'));
    expect(recallSeen(own, { ...identity, drill: true })).toBe(null);
  });

  test('is nothing where storage is denied', async () => {
    const denied = {
      getItem: () => {
        throw new DOMException('denied');
      },
      setItem: () => {
        throw new DOMException('denied');
      },
    };
    expect(await holdAgainstSeen(denied, identity, cut(10, 1, 'root'))).toEqual({ kind: 'first' });
  });
});

test('a file that a cache kept otherwise is asked for past it; what is numbered is compared with the server', async () => {
  const text = '{"schema":1}';
  const ref = { sha256: createHash('sha256').update(text).digest('hex'), size: text.length };
  const asked: [string, RequestCache | undefined][] = [];
  const source = new Source('https://a.example/', async (url, init) => {
    asked.push([url, init?.cache]);
    return new Response(
      init?.cache === 'reload' ? text : '<html>portal, and longer than it</html>',
    );
  });
  expect(new TextDecoder().decode(await source.readNamed('cuts/1.json', ref))).toBe(text);
  expect(asked).toEqual([
    ['https://a.example/cuts/1.json', 'no-cache'],
    [`https://a.example/cuts/1.json?${ref.sha256.slice(0, 16)}`, 'reload'],
  ]);
});
