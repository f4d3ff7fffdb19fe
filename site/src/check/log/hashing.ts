/** SHA-256: the browser's own where it has it (HTTPS, this machine), else Noble's, fetched then. */

import type { Bytes } from './bytes';
import { hex, isHexOf } from './bytes';

export async function sha256(data: Bytes): Promise<Bytes> {
  if (globalThis.crypto?.subtle) return new Uint8Array(await crypto.subtle.digest('SHA-256', data));
  const noble = await import('@noble/hashes/sha2.js');
  return noble.sha256(data);
}

export async function sha256Hex(data: Bytes): Promise<string> {
  return hex(await sha256(data));
}

/** Whether `data` has the SHA-256 that is written in `name`, in lower-case hex. */
export async function isDigestOf(name: string, data: Bytes): Promise<boolean> {
  return isHexOf(name, await sha256(data));
}

/** SHA-256 of a file of any size, a piece at a time; `tell` hears how many bytes are done. */
export async function sha256OfFile(file: Blob, tell: (done: number) => void): Promise<string> {
  const { sha256: noble } = await import('@noble/hashes/sha2.js');
  const digest = noble.create();
  const reader = file.stream().getReader();
  let done = 0;
  for (let part = await reader.read(); !part.done; part = await reader.read()) {
    digest.update(part.value);
    done += part.value.length;
    tell(done);
  }
  return hex(digest.digest());
}
