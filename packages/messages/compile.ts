// Compiles the messages of both languages into src/paraglide when they have changed. Runs as a script, in the Vite plugin of
// apps/web, and as vitest's global set-up.
import { execFileSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { existsSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

const folder = import.meta.dirname;
const outputFolder = join(folder, 'src/paraglide');
const stampFile = join(outputFolder, '.stamp');

/** The input files. A change in any of them requires a new compilation. */
export const sources = [
  'messages/en.json',
  'messages/es-419.json',
  'project.inlang/settings.json',
  'compile.ts',
].map((name) => join(folder, name));

/** Compiles in a child process, because the compiler leaves timers that keep its process alive for half a minute. */
export function compileMessages(): void {
  if (isFresh()) return;
  execFileSync(process.execPath, [import.meta.filename], { stdio: 'inherit' });
}

/** Vitest calls this before the tests. @public */
export function setup(): void {
  compileMessages();
}

async function compileAnew(): Promise<void> {
  // The compiler silently skips a language file that does not parse, so the files are parsed here first.
  for (const file of sources.filter((source) => source.endsWith('.json')))
    JSON.parse(readFileSync(file, 'utf8'));
  const stamp = stampOfSources();
  rmSync(stampFile, { force: true });
  const { compile } = await import('@inlang/paraglide-js');
  await compile({
    project: join(folder, 'project.inlang'),
    outdir: outputFolder,
    outputStructure: 'locale-modules',
    strategy: ['globalVariable', 'baseLocale'],
    emitTsDeclarations: true,
    emitReadme: false,
    // Another process may be reading the previous output, so files are overwritten and never deleted first.
    cleanOutdir: false,
  });
  writeFileSync(stampFile, stamp);
}

function isFresh(): boolean {
  return existsSync(stampFile) && readFileSync(stampFile, 'utf8') === stampOfSources();
}

function stampOfSources(): string {
  const hash = createHash('sha256');
  for (const file of sources) hash.update(readFileSync(file));
  return hash.digest('hex');
}

if (import.meta.main) {
  if (!isFresh()) await compileAnew();
  process.exit();
}
