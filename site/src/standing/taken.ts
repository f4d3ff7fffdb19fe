/**
 * Answers taken whole, or not at all: of a server that stalls, drips or never ends there is none.
 * The page has its own (`asking.ts`); the worker shares no script with the component.
 */

/** How much an answer may be, and for how many milliseconds it is waited for: in silence, and in all. */
export interface Bounds {
  most: number;
  silence: number;
  all: number;
}

/** Of scripts, objects and pages where there is nothing else to show. */
export const PATIENT: Bounds = { most: 16 * 1024 * 1024, silence: 20_000, all: 5 * 60_000 };

/** The server's answer; a good one with all of its body. Throws where it does not come within `bounds`. */
export async function taken(
  asked: Request | string,
  init: RequestInit,
  bounds: Bounds,
): Promise<Response> {
  const abort = new AbortController();
  const timer = setTimeout(() => abort.abort(), bounds.silence);
  const answer = await fetch(asked, { ...init, signal: abort.signal }).finally(() =>
    clearTimeout(timer),
  );
  if (answer.status !== 200) return answer;
  const { status, statusText, headers } = answer;
  return new Response(await bytesOf(answer, bounds), { status, statusText, headers });
}

/** All bytes of an answer that has begun. Throws where they do not come within `bounds`. */
export async function bytesOf(
  { body }: Response,
  { most, silence, all }: Bounds,
): Promise<ArrayBuffer> {
  const reader = (body as ReadableStream<Uint8Array<ArrayBuffer>> | null)?.getReader();
  const parts: Uint8Array<ArrayBuffer>[] = [];
  let isGivenUp = false;
  const giveUp = () => {
    isGivenUp = true;
    void reader?.cancel().catch(() => {});
  };
  const end = setTimeout(giveUp, all);
  try {
    for (let have = 0; reader && !isGivenUp;) {
      const timer = setTimeout(giveUp, silence);
      const { done, value } = await reader.read().finally(() => clearTimeout(timer));
      if (done) break;
      parts.push(value);
      have += value.length;
      if (have > most) giveUp();
    }
  } finally {
    clearTimeout(end);
  }
  if (isGivenUp) throw new TypeError('no whole answer');
  return new Blob(parts).arrayBuffer();
}
