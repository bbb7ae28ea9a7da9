/** docs/api.md and docs/permissions.md, written from the procedures themselves: they cannot tell anything else. */
import { z } from 'zod';
import { errorCodes, httpStatus } from '@turnover/domain/errors';
import { ownerGrants, permissions, reachOf } from '@turnover/domain/people/permissions';
import { roles } from '@turnover/domain/people/projects';
import { appRouter } from './root.ts';
import { describeRule, type Rule } from './rules.ts';

type Definition = {
  type: 'query' | 'mutation' | 'subscription';
  meta?: { rule: Rule };
  inputs: z.ZodType[];
  output?: z.ZodType;
};

export type ProcedureFacts = {
  path: string;
  type: Definition['type'];
  rule: Rule;
  input: string;
  output: string;
};

export function allProcedures(): ProcedureFacts[] {
  const procedures = appRouter._def.procedures as unknown as Record<string, { _def: Definition }>;
  const tellers = tellersOf(procedures);
  return Object.entries(procedures)
    .map(([path, { _def }]) => ({
      path,
      type: _def.type,
      rule: ruleOf(path, _def),
      input: describeAll(_def.inputs),
      output: _def.output ? describeOutput(_def.output, path, tellers) : '',
    }))
    .sort((one, other) => (one.path < other.path ? -1 : 1));
}

function ruleOf(path: string, { meta }: Definition): Rule {
  if (!meta) throw new Error(`${path} has no rule: start it from a base procedure of procedures.ts.`);
  return meta.rule;
}

/** Many procedures answer the same thing, which is told where it is simply asked for, or at the first of them. */
function tellersOf(procedures: Record<string, { _def: Definition }>): Map<z.ZodType, string> {
  const tellers = new Map<z.ZodType, string>();
  for (const path of Object.keys(procedures).sort()) {
    const { output } = procedures[path]!._def;
    if (output && (!tellers.has(output) || path.endsWith('.get'))) tellers.set(output, path);
  }
  return tellers;
}

export function permissionsPage(): string {
  const rules = allProcedures().map(({ path, rule }) => `| \`${path}\` | ${describeRule(rule)} |`);
  const table = permissions.map((permission) => {
    const cells = roles.map((role) => reachOf(role, permission) ?? '–');
    return `| \`${permission}\` | ${[...cells, ownerGrants.includes(permission) ? 'any' : '–'].join(' | ')} |`;
  });
  return `# Who may do what

${written}

## Roles in a project

\`any\`: everywhere in the project. \`assigned\`: in requests assigned to the person or to their company. \`own\`: there, and only
files the person delivered. What is out of reach answers "not found", as if it did not exist. The last column is an owner of the
hub who is not a member.

| permission | ${roles.join(' | ')} | owner |
| --- | ${roles.map(() => '---').join(' | ')} | --- |
${table.join('\n')}

## Procedures

| procedure | rule |
| --- | --- |
${rules.join('\n')}

Bytes follow the same rules: \`PATCH\`, \`HEAD\` and \`DELETE /uploads/<id>\` are for the uploader while the target is still theirs;
\`GET /files/<id>\` is for the owner of an entry, and for \`file:download\` of a delivered file.
`;
}

export function apiPage(example: string): string {
  const chapters = allProcedures().map(
    ({ path, type, rule, input, output }) => `### \`${path}\`

${type}; ${describeRule(rule)}

- in: ${input || 'nothing'}
- out: ${output || (type === 'subscription' ? 'a stream of server-sent events' : 'nothing')}
`,
  );
  return `# The interface

${written}

Every procedure stands at \`/api/trpc/<name>\`. Queries are \`GET\` with \`?input=<JSON>\`, mutations \`POST\` with a JSON body. Send
\`Authorization: Bearer <token>\` (\`npm run turnover -- token create <email>\`, or the account page). Times are epoch milliseconds.
The answer is \`{ "result": { "data": … } }\` or \`{ "error": { "message", "data": { "hub": { "code", "details" } } } }\`, with the HTTP
status that fits. \`docs/permissions.md\` says who may call what.

Bytes go up by tus 1.0 to the \`uploadUrl\` of \`uploads.begin\`, or by a standard \`POST /uploads\` with \`Upload-Metadata\`: \`filename\`,
\`projectId\`, and \`folderId\` or \`requestId\`; optional \`relativePath\` and \`checksum\` (\`xxh128:…\`, \`xxh64:…\`, \`md5:…\`). They come
down by \`GET /files/<entry or delivered file id>\`, with \`Range\`. \`docs/tus.md\` has the details of uploads.

## A whole delivery with curl

A test runs this script as it stands (\`docs/examples/delivery.sh\`).

\`\`\`bash
${example.trim()}
\`\`\`

## Error codes

| code | HTTP status |
| --- | --- |
${errorCodes.map((each) => `| \`${each}\` | ${httpStatus[each]} |`).join('\n')}

## Procedures

${chapters.join('\n')}`;
}

const written = 'Written from the code by `npm run docs`; a test fails when it is out of date.';

function describeAll(inputs: z.ZodType[]): string {
  const shapes = inputs.map(
    (schema) => z.toJSONSchema(schema, { io: 'input', unrepresentable: 'any' }) as JsonSchema,
  );
  if (shapes.every((shape) => shape.type === 'object')) {
    const merged = {
      type: 'object',
      properties: Object.assign({}, ...shapes.map((shape) => shape.properties)),
      required: shapes.flatMap((shape) => shape.required ?? []),
    };
    return shapes.length === 0 ? '' : code(compact(merged));
  }
  return shapes.map((shape) => code(compact(shape))).join(' and ');
}

/** Shorter than that, it is written out each time. */
const longOutput = 200;

function describeOutput(schema: z.ZodType, path: string, tellers: ReadonlyMap<z.ZodType, string>): string {
  const text = compact(z.toJSONSchema(schema, { io: 'output', unrepresentable: 'any' }) as JsonSchema);
  const teller = tellers.get(schema) ?? path;
  if (text.length > longOutput && teller !== path) return `as ${code(teller)}`;
  return text === 'anything' ? '' : code(text);
}

function code(text: string): string {
  return `\`${text}\``;
}

type JsonSchema = {
  type?: string | string[];
  properties?: Record<string, JsonSchema>;
  required?: string[];
  items?: JsonSchema;
  anyOf?: JsonSchema[];
  oneOf?: JsonSchema[];
  enum?: unknown[];
  const?: unknown;
  additionalProperties?: JsonSchema | boolean;
};

/** JSON Schema as a type people read at a glance: `{ name: string, dueAt?: number | null }`. */
function compact(schema: JsonSchema): string {
  if (schema.const !== undefined) return JSON.stringify(schema.const);
  if (schema.enum?.length === errorCodes.length) return 'ErrorCode';
  if (schema.enum) return schema.enum.map((value) => JSON.stringify(value)).join(' / ');
  const union = schema.anyOf ?? schema.oneOf;
  if (union) return [...new Set(union.map(compact))].join(' / ');
  if (Array.isArray(schema.type)) return schema.type.join(' / ');
  if (schema.type === 'array') return `[${compact(schema.items ?? {})}, …]`;
  if (schema.type !== 'object') return schema.type ?? 'anything';
  const required = new Set(schema.required ?? []);
  const fields = Object.entries(schema.properties ?? {}).map(
    ([name, value]) => `${name}${required.has(name) ? '' : '?'}: ${compact(value)}`,
  );
  if (fields.length > 0) return `{ ${fields.join(', ')} }`;
  const values = schema.additionalProperties;
  return typeof values === 'object' ? `{ …: ${compact(values)} }` : '{}';
}
