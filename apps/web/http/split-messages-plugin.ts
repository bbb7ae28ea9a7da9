// Gives each text a module of its own in the browser's build, so that a page loads the texts that it shows. The compiled
// messages are one module for each language, which no bundler can divide.
import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import { parseSync, type Plugin } from 'vite';

const barrel = createRequire(import.meta.url).resolve('@turnover/messages/messages');
const folder = join(dirname(barrel), 'paraglide');
const single = '\0turnover-message/';

export function splitMessagesPlugin(): Plugin {
  let texts = new Map<string, readonly string[]>();
  return {
    name: 'turnover-split-messages',
    enforce: 'pre',
    apply: 'build',
    applyToEnvironment: ({ name }) => name === 'client',
    buildStart() {
      texts = readTexts();
    },
    resolveId(id) {
      return id.startsWith(single) ? { id, moduleSideEffects: false } : undefined;
    },
    load(id) {
      if (id === barrel) return { code: barrelOf([...texts.keys()]), moduleSideEffects: false };
      return id.startsWith(single) ? moduleOf(id.slice(single.length), texts) : undefined;
    },
  };
}

/** The functions of each message: one for each language. */
function readTexts(): Map<string, readonly string[]> {
  const [english, spanish] = ['en', 'es-419'].map(functionsIn) as [Map<string, string>, Map<string, string>];
  return new Map([...english].map(([name, code]) => [name, [code, spanish.get(name) ?? code]]));
}

function functionsIn(locale: string): Map<string, string> {
  const code = readFileSync(join(folder, 'messages', `${locale}.js`), 'utf8');
  const declared = parseSync('messages.js', code).program.body.flatMap((statement) => {
    const declaration = statement.type === 'ExportNamedDeclaration' ? statement.declaration : null;
    return declaration?.type === 'VariableDeclaration' ? declaration.declarations : [];
  });
  return new Map(
    declared.flatMap(({ id, init }) =>
      id.type === 'Identifier' && init ? [[id.name, code.slice(init.start, init.end)] as const] : [],
    ),
  );
}

function barrelOf(names: readonly string[]): string {
  return names
    .map((name) => `export { default as ${name} } from ${JSON.stringify(single + name)};`)
    .join('\n');
}

function moduleOf(name: string, texts: ReadonlyMap<string, readonly string[]>): string {
  const [english, spanish] = texts.get(name)!;
  return `import { getLocale } from ${JSON.stringify(join(folder, 'runtime.js'))};
import * as registry from ${JSON.stringify(join(folder, 'registry.js'))};
const english = ${english};
const spanish = ${spanish};
export default (inputs = {}) => (getLocale() === 'en' ? english : spanish)(inputs);`;
}
