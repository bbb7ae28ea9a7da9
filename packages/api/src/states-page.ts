/** docs/request-states.md, written from domain's tables: what can be done in each status, and by whom. */
import { decide, type Permission } from '@turnover/domain/people/permissions';
import { roles } from '@turnover/domain/people/projects';
import {
  contentActions,
  contentRules,
  requestStatuses,
  transitions,
  type RequestStatus,
} from '@turnover/domain/requests/machine';

type Row = { action: string; to: string; permission: Permission | null; gates: string };

export function statesPage(): string {
  return `# The life of a request: states × roles

Written from \`packages/domain/src/requests/machine.ts\` and \`people/permissions.ts\` by \`npm run docs\`: do not
edit it by hand. \`yes\`: everywhere in the project. \`assigned\`: in requests assigned to the person or to their company. \`own\`:
there, and only files the person delivered. \`–\`: refused. The role *workspace* knows no requests. While many files are on their way
out, nothing but the assignment can be changed; a file with a live processing job is neither renamed nor removed.

${requestStatuses.map(section).join('\n')}`;
}

function section(status: RequestStatus): string {
  const asking = roles.filter((role) => role !== 'workspace');
  const rows = rowsOf(status).map(({ action, to, permission, gates }) => {
    const cells = asking.map((role) => (permission === null ? 'the hub' : reachOf(role, permission)));
    return `| ${action} | ${to} | ${cells.join(' | ')} | ${gates} |`;
  });
  const none = `Nothing can be done but to look at it.\n`;
  const table = `| action | leads to | ${asking.join(' | ')} | gates |
| --- | --- | ${asking.map(() => '---').join(' | ')} | --- |
${rows.join('\n')}
`;
  return `## ${status}\n\n${rows.length > 0 ? table : none}`;
}

function rowsOf(status: RequestStatus): Row[] {
  const moves = transitions
    .filter(({ from }) => from === status)
    .map(({ action, to, permission, requires }) => ({ action, to, permission, gates: requires.join(', ') }));
  const contents = contentActions
    .filter((action) => contentRules[action].in.includes(status))
    .map((action) => {
      const { permission, freezesWithChecksum } = contentRules[action];
      return { action, to: '', permission, gates: freezesWithChecksum ? 'no checksum list' : '' };
    });
  return [...moves, ...contents];
}

function reachOf(role: (typeof roles)[number], permission: Permission): string {
  const may = (assigned: boolean, deliveredIt: boolean) =>
    decide(permission, { role, isOwner: false, assigned, deliveredIt }) === 'granted';
  if (may(false, false)) return 'yes';
  if (may(true, false)) return 'assigned';
  return may(true, true) ? 'own' : '–';
}
