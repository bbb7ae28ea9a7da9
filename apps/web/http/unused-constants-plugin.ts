// Removes unused exports of packages/domain from the browser build. Its modules have no side effects when they load,
// but a bundler cannot know that of calls such as `z.object()`, and would send every schema and zod to the browser.
import { parseSync } from 'vite';
import type { Plugin } from 'vite';

const isDomain = (id: string) => /\/packages\/domain\/src\/.*\.ts$/.test(id.replaceAll('\\', '/'));

export function unusedConstantsPlugin(): Plugin {
  return {
    name: 'turnover-unused-constants',
    applyToEnvironment: ({ name }) => name === 'client',
    apply: 'build',
    transform(code, id) {
      return isDomain(id)
        ? { code: withPureConstants(code), map: null, moduleSideEffects: false }
        : undefined;
    },
  };
}

/** Wraps the initial value of each constant at the top level in a call that is marked as free of side effects. */
export function withPureConstants(code: string): string {
  const { program } = parseSync('module.js', code);
  const values = program.body.flatMap((statement) => {
    const declared = statement.type === 'ExportNamedDeclaration' ? statement.declaration : statement;
    if (declared?.type !== 'VariableDeclaration' || declared.kind !== 'const') return [];
    return declared.declarations.flatMap(({ init }) => (init && !simple.has(init.type) ? [init] : []));
  });
  let result = '';
  let from = 0;
  for (const { start, end } of values) {
    result += `${code.slice(from, start)}/* @__PURE__ */ (() => (${code.slice(start, end)}))()`;
    from = end;
  }
  return result + code.slice(from);
}

/** Values that a bundler removes without help. */
const simple = new Set(['Literal', 'ArrowFunctionExpression', 'FunctionExpression', 'Identifier']);
