/** Generates docs/api.md and docs/permissions.md from the procedures, so that they are always correct. */
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
  const describedAt = pathsDescribing(procedures);
  return Object.entries(procedures)
    .map(([path, { _def }]) => ({
      path,
      type: _def.type,
      rule: ruleOf(path, _def),
      input: describeAll(_def.inputs),
      output: _def.output ? describeOutput(_def.output, path, describedAt) : '',
    }))
    .sort((one, other) => (one.path < other.path ? -1 : 1));
}

function ruleOf(path: string, { meta }: Definition): Rule {
  if (!meta) throw new Error(`${path} has no rule: start it from a base procedure of procedures.ts.`);
  return meta.rule;
}

/**
 * Where each output is described. An output of several procedures is described at their `.get` procedure, otherwise at the
 * first one.
 */
function pathsDescribing(procedures: Record<string, { _def: Definition }>): Map<z.ZodType, string> {
  const describedAt = new Map<z.ZodType, string>();
  for (const path of Object.keys(procedures).sort()) {
    const { output } = procedures[path]!._def;
    if (output && (!describedAt.has(output) || path.endsWith('.get'))) describedAt.set(output, path);
  }
  return describedAt;
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

- \`any\`: everywhere in the project.
- \`assigned\`: in requests that are assigned to the person or to their company.
- \`own\`: in those requests, and only for files that the person delivered.
- \`–\`: not permitted.

A thing that a person must not see answers \`not_found\`, as if it did not exist. The last column is an owner of the hub who is not a member
of the project.

| permission | ${roles.join(' | ')} | owner |
| --- | ${roles.map(() => '---').join(' | ')} | --- |
${table.join('\n')}

## Procedures

| procedure | rule |
| --- | --- |
${rules.join('\n')}

Bytes follow the same rules. \`PATCH\`, \`HEAD\` and \`DELETE /uploads/<id>\` are for the uploader, as long as the target accepts their files.
\`GET /files/<id>\` is for the owner of an entry, for people it is shared with, and for \`file:download\` of a delivered file.
\`GET /audit/<document>\` is for owners of the hub.
\`GET /files/<id>?preview\` is for those people, and for \`file:view\` of a delivered file; \`?preview=original\` is for those who may download it.
`;
}

/** `example`: reads a script of `docs/examples`. */
export function apiPage(example: (name: string) => string): string {
  const chapters = allProcedures().map(
    ({ path, type, rule, input, output }) => `### \`${path}\`

${type}; ${describeRule(rule)}

- in: ${input || 'nothing'}
- out: ${output || (type === 'subscription' ? 'a stream of server-sent events' : 'nothing')}
`,
  );
  return `# The interface

${written}

- [How to call it](#how-to-call-it)
- [Uploads and downloads](#uploads-and-downloads)
- [A whole delivery with curl](#a-whole-delivery-with-curl)
- [A whole folder with curl](#a-whole-folder-with-curl)
- [Error codes](#error-codes)
- [Procedures](#procedures)

## How to call it

The address of a procedure is \`/api/trpc/<name>\`. Call a query with \`GET\` and \`?input=<JSON>\`, a mutation with \`POST\` and a JSON body.

**Authentication.** Send \`Authorization: Bearer <token>\`. Create a token with \`npm run turnover -- token create <email>\` or on the account
page. [permissions.md](permissions.md) lists who may call what.

**Answers.** A success is \`{ "result": { "data": … } }\`. A failure is \`{ "error": { "message", "data": { "hub": { "code", "details" } } } }\`
with the HTTP status of its [code](#error-codes). Rely on the code; the message is for people and may change.

**Editing together.** Requests, request types, projects and reasons have a \`revision\`, which counts their edits. Send the one that you
saw with \`requests.update\`, \`requests.setType\`, \`requests.assign\`, \`requests.promise\`, \`requestTypes.update\`, \`projects.update\` or
\`reasons.update\`: when somebody edited the thing since, the call answers \`changed_meanwhile\`, changes nothing, and its details name the
editor (\`by\`), the changed \`fields\` and the present \`revision\`. Without a \`revision\` the last call wins.

**Values.** Times are epoch milliseconds. Ids carry a prefix (\`req_…\`) and sort by age. A field with \`?\` is optional, and \`/\` separates
alternatives. Some inputs also have defaults and bounds, which a refusal names.

## Uploads and downloads

Send the bytes of an upload with tus 1.0, either to the \`uploadUrl\` that \`uploads.begin\` returns, or by a standard \`POST /uploads\` with
\`Upload-Metadata\`. [tus.md](tus.md) has the details.

Get a file with \`GET /files/<id>\`, where the id is that of a Workspace entry or of a delivered file. \`Range\` is supported.
\`?preview\` returns what the hub made of it for a page: \`?preview=<kind>\` with a kind of \`previews\` of the file, or the best without one.
\`?preview=original\` returns the file itself where browsers play it. What there is not is not found.

The id of a folder, an image sequence or a request gives one ZIP of all its files, and \`?round=2\` of a request those of a submitted round.
For a selection, \`workspace.archive\` and \`requestFiles.archive\` return the \`url\` of its ZIP, which is kept for a week after its last use. The files are stored
in it, so \`Content-Length\` is known; \`HEAD\` and \`Range\` work, and the \`ETag\` changes when the list of files does. It is the list as it was
when the request began. \`GET /files/<id>/list.json\` has a line for each of these files, with \`path\`, \`sizeBytes\`, \`checksums\` and \`url\`
(null for an empty folder, and for a file of a round that was removed since: only the ZIP has it);
\`list.txt\` is for \`xxhsum -c\`. [downloads.md](downloads.md) has the details.

## A whole delivery with curl

This is [examples/delivery.sh](examples/delivery.sh). A test runs it against a real hub.

\`\`\`bash
${example('delivery.sh').trim()}
\`\`\`

## A whole folder with curl

This is [examples/fetch-folder.sh](examples/fetch-folder.sh). A test runs it against a real hub.

\`\`\`bash
${example('fetch-folder.sh').trim()}
\`\`\`

## Error codes

| code | HTTP status |
| --- | --- |
${errorCodes.map((each) => `| \`${each}\` | ${httpStatus[each]} |`).join('\n')}

## Procedures

${chapters.join('\n')}`;
}

const written =
  'This page is generated from the code with `npm run docs`. A test fails when it is out of date.';

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

/** Outputs shorter than this many characters are repeated at each procedure. */
const longOutput = 200;

function describeOutput(
  schema: z.ZodType,
  path: string,
  describedAt: ReadonlyMap<z.ZodType, string>,
): string {
  const text = compact(z.toJSONSchema(schema, { io: 'output', unrepresentable: 'any' }) as JsonSchema);
  const describedPath = describedAt.get(schema) ?? path;
  if (text.length > longOutput && describedPath !== path) return `as ${code(describedPath)}`;
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

/** Renders JSON Schema as a short type: `{ name: string, dueAt?: number | null }`. */
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
