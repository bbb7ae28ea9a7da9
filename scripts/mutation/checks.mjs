// Finds the checks of a source file and switches each of them: `globalThis.__check(7)` is false while check 7 is off.
import ts from 'typescript';

/** Errors that hide a thing from a person, or refuse an action. */
const refusals = /^HubError\('(forbidden|not_found|unauthenticated)'|^notFound\(/;
const checkCall = /^(require|refuse)[A-Z]/;
/** A load whose result is unused is a check as well. */
const loadCall = /^load[A-Z]/;

/**
 * @typedef {{ id: string, line: number, text: string, start: number, end: number, before: string, after: string }} Check
 */

/**
 * @param {string} path relative to the repository
 * @param {string} code
 * @returns {Check[]}
 */
export function checksIn(path, code) {
  const source = ts.createSourceFile(path, code, ts.ScriptTarget.Latest, true);
  /** @type {Check[]} */
  const checks = [];
  visit(source);
  return checks;

  /** @param {ts.Node} node */
  function visit(node) {
    if (ts.isCallExpression(node) && ts.isIdentifier(node.expression)) {
      const name = node.expression.text;
      const isDiscarded = discards(node);
      if (isDiscarded && (checkCall.test(name) || loadCall.test(name))) add(node, '(', ' && ', ')');
      else if (name === 'decide') add(node, '(', ' ? ', ` : 'granted')`);
      else if (/^refuse[A-Z]/.test(name)) add(node, '(', ' ? ', ' : null)');
    }
    if (ts.isThrowStatement(node) && refusals.test(thrown(node))) add(node, '{ if (', ') ', ' }');
    ts.forEachChild(node, visit);
  }

  /**
   * @param {ts.Node} node
   * @param {string} open
   * @param {string} then
   * @param {string} after
   */
  function add(node, open, then, after) {
    const start = node.getStart(source);
    const end = node.getEnd();
    const line = source.getLineAndCharacterOfPosition(start).line + 1;
    const id = `${path}:${line}:${checks.filter((check) => check.line === line).length}`;
    const before = `${open}globalThis.__check(${JSON.stringify(id)})${then}`;
    const text = code.slice(start, end).split('\n')[0] ?? '';
    checks.push({ id, line, text, start, end, before, after });
  }
}

/** @param {ts.ThrowStatement} node */
function thrown({ expression }) {
  return expression
    .getText()
    .replace(/^new\s+/, '')
    .replace(/\(\s+/, '(');
}

/** Whether the result of the call is unused. @param {ts.Node} call */
function discards(call) {
  const { parent } = call;
  if (ts.isAwaitExpression(parent)) return discards(parent);
  return ts.isExpressionStatement(parent) || (ts.isArrowFunction(parent) && parent.body === call);
}

/**
 * @param {string} path
 * @param {string} code
 */
export function withSwitches(path, code) {
  const checks = checksIn(path, code);
  const edits = checks.flatMap(({ start, end, before, after }) => [
    { at: start, text: before, isEnd: false, length: end - start },
    { at: end, text: after, isEnd: true, length: end - start },
  ]);
  // Nested checks: the outer one opens first and closes last.
  edits.sort(
    (one, other) =>
      one.at - other.at ||
      Number(other.isEnd) - Number(one.isEnd) ||
      (one.isEnd ? one.length - other.length : other.length - one.length),
  );
  let result = '';
  let from = 0;
  for (const { at, text } of edits) {
    result += code.slice(from, at) + text;
    from = at;
  }
  return result + code.slice(from);
}
