import { createHash } from 'node:crypto';
import { readFileSync, readdirSync, writeFileSync } from 'node:fs';
import type { Plugin } from 'vite';

const SCHEMA = 1;
export const RELEASE = 'release.json';

function version(): string {
  return /^version = "([^"]+)"$/m.exec(readFileSync('../pyproject.toml', 'utf8'))![1]!;
}

/** Paths of every file below `folder`, sorted. */
function filesBelow(folder: string): string[] {
  return readdirSync(folder, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map((entry) => `${entry.parentPath}/${entry.name}`.slice(folder.length + 1))
    .sort();
}

/** The list of a release: what every file of this build is, its templates included. The same build, the same bytes. */
export function releaseList(folder: string): Plugin {
  return {
    name: 'release-list',
    apply: 'build',
    closeBundle() {
      const files: Record<string, { sha256: string; size: number }> = {};
      for (const name of filesBelow(folder)) {
        if (name === RELEASE) continue;
        const data = readFileSync(`${folder}/${name}`);
        files[name] = { sha256: createHash('sha256').update(data).digest('hex'), size: data.length };
      }
      const list = { schema: SCHEMA, version: version(), files };
      writeFileSync(`${folder}/${RELEASE}`, `${JSON.stringify(list, null, 1)}\n`);
    },
  };
}
