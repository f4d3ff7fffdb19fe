import { createHash } from 'node:crypto';
import { readFileSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import type { Plugin } from 'vite';

const SCHEMA = 1;
export const RELEASE = 'release.json';
/** Where the page's build says which of its files need which, for the build after it alone. */
export const CHUNKS = 'chunks.json';
/** What the views that need no object are drawn with: they open without a network though never opened before. */
const SHELL_SOURCES = ['index.html', 'src/views/BesideViews.svelte', 'src/texts/es.ts'];

function version(): string {
  const source = readFileSync('../src/openprep/__init__.py', 'utf8');
  return /^__version__ = "([^"]+)"$/m.exec(source)![1]!;
}

function sha256(data: Buffer): string {
  return createHash('sha256').update(data).digest('hex');
}

/** Paths of every file below `folder`, sorted. */
function filesBelow(folder: string): string[] {
  return readdirSync(folder, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map((entry) => `${entry.parentPath}/${entry.name}`.slice(folder.length + 1))
    .sort();
}

/** SHA-256 of every asset in `folder` by its path. */
export function assetsOf(folder: string): Record<string, string> {
  const names = filesBelow(folder).filter((name) => name.startsWith('assets/'));
  return Object.fromEntries(names.map((name) => [name, sha256(readFileSync(`${folder}/${name}`))]));
}

interface Chunk {
  file: string;
  css?: string[];
  imports?: string[];
}

/** Paths of the assets that the small views are drawn with, what they import included. */
export function shellOf(folder: string): string[] {
  const chunks = JSON.parse(readFileSync(`${folder}/${CHUNKS}`, 'utf8')) as Record<string, Chunk>;
  const needed = new Set<string>();
  const add = (source: string): void => {
    const { file, css = [], imports = [] } = chunks[source]!;
    if (needed.has(file)) return;
    for (const path of [file, ...css]) needed.add(path);
    imports.forEach(add);
  };
  SHELL_SOURCES.forEach(add);
  return [...needed].sort();
}

/** The list of a release: what every file of this build is, its templates included. The same build, the same bytes. */
export function releaseList(folder: string): Plugin {
  return {
    name: 'release-list',
    apply: 'build',
    closeBundle() {
      rmSync(`${folder}/${CHUNKS}`, { force: true });
      const files: Record<string, { sha256: string; size: number }> = {};
      for (const name of filesBelow(folder)) {
        if (name === RELEASE) continue;
        const data = readFileSync(`${folder}/${name}`);
        files[name] = { sha256: sha256(data), size: data.length };
      }
      const list = { schema: SCHEMA, version: version(), files };
      writeFileSync(`${folder}/${RELEASE}`, `${JSON.stringify(list, null, 1)}\n`);
    },
  };
}
