// Gives each text its own module in the browser build, so that a page loads only the texts it shows. These are English;
// a Spanish page first loads all Spanish texts together. The message compiler writes one module per language, which no
// bundler can divide. A module imports only the texts that it names, so that the texts of several pages can be divided.
import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import { parseSync, type Plugin } from 'vite';

const { resolve } = createRequire(import.meta.url);
const barrel = resolve('@turnover/messages/messages');
const loader = resolve('@turnover/messages/load-texts');
const folder = join(dirname(barrel), 'paraglide');
const single = '\0turnover-message/';
const spanish = '\0turnover-spanish';
/** Module that holds the Spanish functions once they are loaded. */
const slot = '\0turnover-spanish-slot';
const importRegistry = `import * as registry from ${JSON.stringify(join(folder, 'registry.js'))};`;

const used = 'turnover-messages:';
/** How the pages import the texts, and how the package of the texts does. */
const importBarrel = /import \* as m from '(?:@turnover\/messages\/messages|\.\/messages\.ts)';/;

/** Source code of each message's function, by name. */
type Functions = ReadonlyMap<string, string>;

export function splitMessagesPlugin(): Plugin {
  let english: Functions;
  return {
    name: 'turnover-split-messages',
    enforce: 'pre',
    apply: 'build',
    applyToEnvironment: ({ name }) => name === 'client',
    buildStart() {
      english = functionsIn('en');
    },
    resolveId(id) {
      if (id.startsWith(used)) return { id: `\0${id}`, moduleSideEffects: false };
      return id.startsWith('\0turnover-') ? { id, moduleSideEffects: false } : undefined;
    },
    transform(code) {
      if (!importBarrel.test(code)) return;
      const names = new Set(code.match(/(?<=\bm\.)\w+/g)?.filter((name) => english.has(name)));
      return {
        code: code.replace(importBarrel, `import * as m from '${used}${[...names].sort().join(',')}';`),
        map: null,
      };
    },
    load(id) {
      if (id === barrel) return { code: barrelOf([...english.keys()]), moduleSideEffects: false };
      if (id === loader) return loaderCode;
      if (id === slot) return slotCode;
      if (id === spanish) return tableOf(functionsIn('es-419'), english);
      if (id.startsWith(`\0${used}`)) return barrelOf(id.slice(used.length + 1).split(','));
      return id.startsWith(single) ? moduleOf(id.slice(single.length), english) : undefined;
    },
  };
}

const loaderCode = `import { slot } from ${JSON.stringify(slot)};
export async function loadTexts(locale) {
  if (locale === 'es-419') slot.texts = (await import(${JSON.stringify(spanish)})).texts;
}`;

const slotCode = `export const slot = { texts: null };
export const textOf = (number, english) => (inputs = {}) => (slot.texts?.[number] ?? english)(inputs);`;

function functionsIn(locale: string): Functions {
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

// A number takes less space in every page than the name of the text.
function moduleOf(name: string, functions: Functions): string {
  const number = [...functions.keys()].indexOf(name);
  return `${importRegistry}
import { textOf } from ${JSON.stringify(slot)};
export default /* @__PURE__ */ textOf(${number}, ${functions.get(name)});`;
}

/** The functions in the order of `numbered`. */
function tableOf(functions: Functions, numbered: Functions): string {
  const entries = [...numbered.keys()].map((name) => `${functions.get(name)},`);
  return `${importRegistry}\nexport const texts = [\n${entries.join('\n')}\n];`;
}
