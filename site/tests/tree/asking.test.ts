import { expect, test, vi } from 'vitest';
import { Asking, type Answer } from '../../src/tree/asking';

const most = () => 1000;

function textOf({ bytes }: Answer): string {
  return new TextDecoder().decode(bytes);
}

test('no more than five answers are waited for at once, and a failure makes room for the next', async () => {
  const open = new Set<() => void>();
  let atOnce = 0;
  const asking = new Asking(
    () =>
      new Promise((_, refuse) => {
        const end = () => {
          open.delete(end);
          refuse(new TypeError('gone'));
        };
        open.add(end);
        atOnce = Math.max(atOnce, open.size);
      }),
  );
  const asked = Array.from({ length: 20 }, (_, index) =>
    asking.inTurn(`${index}`, {}, most).catch((error: unknown) => error),
  );
  while (open.size > 0) {
    for (const end of [...open]) end();
    await new Promise((next) => setImmediate(next));
  }
  expect((await Promise.all(asked)).length).toBe(20);
  expect(atOnce).toBe(5);
});

/** Sends a part whenever it is asked to, and nothing by itself. */
function byHand() {
  let sender: ReadableStreamDefaultController<Uint8Array> | undefined;
  const body = new ReadableStream<Uint8Array>({ start: (stream) => void (sender = stream) });
  const fetcher = async (_: string, init?: RequestInit) => {
    init?.signal?.addEventListener('abort', () =>
      sender!.error(new DOMException('', 'AbortError')),
    );
    return new Response(body);
  };
  return { fetcher, sender: () => sender! };
}

test('a slow answer is waited for while something comes; one that stops is cut off', async () => {
  vi.useFakeTimers();
  try {
    const slow = byHand();
    const read = new Asking(slow.fetcher, 1000).inTurn('a', {}, most);
    for (const part of ['[1,', '2,', '3', ']']) {
      await vi.advanceTimersByTimeAsync(900);
      slow.sender().enqueue(new TextEncoder().encode(part));
    }
    slow.sender().close();
    expect(textOf(await read)).toBe('[1,2,3]');
    const stopped = expect(
      new Asking(byHand().fetcher, 1000).inTurn('a', {}, most),
    ).rejects.toMatchObject({ fault: 'cut-off' });
    await vi.advanceTimersByTimeAsync(1001);
    await stopped;
  } finally {
    vi.useRealTimers();
  }
});

test('an answer that never begins is none; the time that a question waits for its turn is not counted', async () => {
  vi.useFakeTimers();
  try {
    let asked = 0;
    const silent: typeof fetch = (_, init) =>
      new Promise((_answer, refuse) => {
        asked += 1;
        init?.signal?.addEventListener('abort', () => refuse(init.signal!.reason));
      });
    const asking = new Asking(
      (url, init) => (url === 'last' ? Promise.resolve(new Response('1')) : silent(url, init)),
      1000,
    );
    const gone = Array.from({ length: 15 }, (_, index) =>
      asking.inTurn(`${index}`, {}, most).catch((error: unknown) => error),
    );
    const last = asking.inTurn('last', {}, most);
    await vi.advanceTimersByTimeAsync(3001);
    expect(asked).toBe(15);
    expect(textOf(await last)).toBe('1');
    for (const error of await Promise.all(gone)) expect(error).toMatchObject({ fault: 'network' });
  } finally {
    vi.useRealTimers();
  }
});

test('an answer that breaks off on its way is cut off, not no answer', async () => {
  const slow = byHand();
  const read = expect(new Asking(slow.fetcher).inTurn('a', {}, most)).rejects.toMatchObject({
    fault: 'cut-off',
  });
  slow.sender().enqueue(new TextEncoder().encode('[1,'));
  slow.sender().error(new TypeError('network error'));
  await read;
});

test('a server that drips byte by byte holds nothing for ever; one at the least rate is waited for', async () => {
  vi.useFakeTimers();
  try {
    for (const [bytes, ends] of [
      [1, 'cut-off'],
      [300, 'whole'],
    ] as const) {
      const slow = byHand();
      const read = new Asking(slow.fetcher, 2000)
        .inTurn('a', {}, () => 1_000_000)
        .then(
          () => 'whole',
          ({ fault }: { fault: string }) => fault,
        );
      for (let second = 0; second < 200 && slow.sender().desiredSize !== null; second += 1) {
        await vi.advanceTimersByTimeAsync(1000);
        if (slow.sender().desiredSize !== null) slow.sender().enqueue(new Uint8Array(bytes));
      }
      if (ends === 'whole') slow.sender().close();
      expect(await read).toBe(ends);
    }
  } finally {
    vi.useRealTimers();
  }
});
