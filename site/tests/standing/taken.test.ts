import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { bytesOf, taken } from '../../src/standing/taken';

const BOUNDS = { most: 1000, silence: 1000, all: 5000 };

beforeEach(() => void vi.useFakeTimers());
afterEach(() => {
  vi.useRealTimers();
  vi.unstubAllGlobals();
});

/** A body that has so many bytes each time that so many milliseconds are over. */
function every(milliseconds: number, bytes: number): { answer: Response; isLetGo: () => boolean } {
  let letGo = false;
  const body = new ReadableStream<Uint8Array>({
    async pull(stream) {
      await new Promise((next) => setTimeout(next, milliseconds));
      if (!letGo) stream.enqueue(new Uint8Array(bytes));
    },
    cancel: () => void (letGo = true),
  });
  return { answer: new Response(body), isLetGo: () => letGo };
}

test.each([
  ['stalls', 1e9, 1],
  ['drips', 900, 1],
  ['never ends', 1, 100],
])('a body that %s is none, and is let go', async (_, milliseconds, bytes) => {
  const { answer, isLetGo } = every(milliseconds, bytes);
  const read = expect(bytesOf(answer, BOUNDS)).rejects.toThrow('no whole answer');
  await vi.advanceTimersByTimeAsync(6000);
  await read;
  expect(isLetGo()).toBe(true);
});

test('an answer that never begins is none', async () => {
  vi.stubGlobal(
    'fetch',
    (_: string, { signal }: RequestInit) =>
      new Promise((_answer, refuse) =>
        signal!.addEventListener('abort', () => refuse(signal!.reason)),
      ),
  );
  const read = expect(taken('a', {}, BOUNDS)).rejects.toThrow();
  await vi.advanceTimersByTimeAsync(1001);
  await read;
});

test('a good answer is whole, with its headers; of any other the body is left where it is', async () => {
  const headers = { ETag: '"1"' };
  vi.stubGlobal('fetch', async () => new Response('{}', { headers }));
  const whole = await taken('a', {}, BOUNDS);
  expect([await whole.text(), whole.headers.get('ETag')]).toEqual(['{}', '"1"']);
  vi.stubGlobal('fetch', async () => new Response(null, { status: 304, headers }));
  expect((await taken('a', {}, BOUNDS)).status).toBe(304);
});
