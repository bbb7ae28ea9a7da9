// Replaces each icon's component by its drawing, which `Icon.svelte` shows. A component for each of the hundred icons
// takes half as much script again.
import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import type { Plugin } from 'vite';

const { resolve } = createRequire(import.meta.url);
const icons = '@lucide/svelte/icons/';
const virtual = '\0turnover-icon/';
const folder = dirname(resolve(`${icons}x`));

type Drawing = readonly (readonly [tag: string, attributes: Readonly<Record<string, string>>])[];

export function iconsPlugin(): Plugin {
  return {
    name: 'turnover-icons',
    enforce: 'pre',
    resolveId(id) {
      return id.startsWith(icons) ? virtual + id.slice(icons.length) : undefined;
    },
    load(id) {
      if (!id.startsWith(virtual)) return;
      const markup = markupOf(componentOf(id.slice(virtual.length)));
      return { code: `export default ${JSON.stringify(markup)};`, moduleSideEffects: false };
    },
  };
}

/** Returns the source of an icon's component. Some icons have several names. */
function componentOf(name: string): string {
  const entry = readFileSync(join(folder, `${name}.js`), 'utf8');
  const file = /from "\.\/(.+\.svelte)"/.exec(entry)?.[1] ?? `${name}.svelte`;
  return readFileSync(join(folder, file), 'utf8');
}

/** Returns the inside of the icon's `svg`. */
export function markupOf(component: string): string {
  const data = /const iconData = (\{.*\});/.exec(component)?.[1];
  if (!data) throw new Error('The library writes its icons differently now.');
  const { node } = JSON.parse(data) as { node: Drawing };
  return node
    .map(([tag, attributes]) => {
      const words = Object.entries(attributes).map(([name, value]) => ` ${name}="${value}"`);
      return `<${tag}${words.join('')}/>`;
    })
    .join('');
}
