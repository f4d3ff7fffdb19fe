/** Ed25519 (RFC 8032): the browser's own where it has it, else Noble's, fetched then. */

import type { Bytes } from './bytes';

/** Whether `signature` is by the key over `message`; false for keys and signatures that are none. */
export async function verifyEd25519(
  key: Bytes,
  message: Bytes,
  signature: Bytes,
): Promise<boolean> {
  if (key.length !== 32 || signature.length !== 64) return false;
  return (
    (await verifyNatively(key, message, signature)) ?? verifyWithNoble(key, message, signature)
  );
}

/** `null` where this browser has no Ed25519 of its own. */
async function verifyNatively(
  key: Bytes,
  message: Bytes,
  signature: Bytes,
): Promise<boolean | null> {
  try {
    const imported = await crypto.subtle.importKey('raw', key, 'Ed25519', false, ['verify']);
    return await crypto.subtle.verify('Ed25519', imported, signature, message);
  } catch {
    return null;
  }
}

export async function verifyWithNoble(
  key: Bytes,
  message: Bytes,
  signature: Bytes,
): Promise<boolean> {
  const [noble, { sha512 }] = await Promise.all([
    import('@noble/ed25519'),
    import('@noble/hashes/sha2.js'),
  ]);
  noble.hashes.sha512 = sha512;
  try {
    // As RFC 8032 has it: ZIP 215 would take encodings that others refuse.
    return noble.verify(signature, message, key, { zip215: false });
  } catch {
    return false;
  }
}
