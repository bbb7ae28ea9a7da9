/** Generates docs/request-states.md from the tables of domain: the actions in each status, and who may take them. */
import { decide, type Permission } from '@turnover/domain/people/permissions';
import { roles } from '@turnover/domain/people/projects';
import { actionNames, rowOf } from '@turnover/domain/requests/actions';
import { requestStatuses, type RequestStatus } from '@turnover/domain/requests/machine';

type Row = { action: string; to: string; permission: Permission | null; gates: string };

export function statesPage(): string {
  return `# The life of a request: states × roles

Written from \`packages/domain/src/requests/actions.ts\` and \`people/permissions.ts\` by \`npm run docs\`: do not
edit it by hand. \`yes\`: everywhere in the project. \`assigned\`: in requests assigned to the person or to their company. \`own\`:
there, and only files the person delivered. \`–\`: refused. The role *workspace* knows no requests. While many files are being
removed, only the assignment can be changed; a file with a live processing job is neither renamed nor removed.

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

/** Leaves out actions that are possible in every status, because they say nothing about a status. */
function rowsOf(status: RequestStatus): Row[] {
  return actionNames.flatMap((action) => {
    const { statuses, permission, first = [], requires = [], to } = rowOf(action);
    if (!statuses.includes(status) || statuses.length === requestStatuses.length) return [];
    const gates = [...first, ...requires].join(', ');
    if (to === undefined || typeof to === 'string') return { action, to: to ?? '', permission, gates };
    return [
      { action, to: to.firstRound, permission, gates: 'firstRound' },
      { action, to: to.laterRound, permission, gates: 'laterRound' },
    ];
  });
}

function reachOf(role: (typeof roles)[number], permission: Permission): string {
  const may = (assigned: boolean, deliveredIt: boolean) =>
    decide(permission, { role, isOwner: false, assigned, deliveredIt }) === 'granted';
  if (may(false, false)) return 'yes';
  if (may(true, false)) return 'assigned';
  return may(true, true) ? 'own' : '–';
}
