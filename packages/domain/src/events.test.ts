import { describe, expect, test } from 'vitest';
import { eventKinds, topics, topicsOf, type EventKind } from './events.ts';

const kinds = Object.keys(eventKinds) as EventKind[];
/** Kinds of events that reload no page: pages take the change from the message itself. */
const patched: EventKind[] = ['file.progress', 'upload.progress'];
const projectId = 'prj_a';
const requestId = 'req_a';

describe('topics of an event', () => {
  test.each(kinds.filter((kind) => /^(request|file)\./.test(kind) && eventKinds[kind] === 'history'))(
    '%s: the request and the list it is in',
    (kind) => {
      expect(topicsOf({ kind, projectId, requestId }).slice(0, 2)).toEqual([
        'turnover:request:req_a',
        'turnover:requests:prj_a',
      ]);
    },
  );

  test('a change of status and a removal concern Workspaces, which say where files were delivered', () => {
    for (const kind of ['request.submitted', 'request.accepted', 'file.removed'] as const) {
      expect(topicsOf({ kind, projectId, requestId })).toContain('turnover:workspace:prj_a');
    }
    expect(topicsOf({ kind: 'file.added', projectId, requestId })).not.toContain('turnover:workspace:prj_a');
  });

  test.each(kinds.filter((kind) => !patched.includes(kind)))('%s concerns at least one page', (kind) => {
    expect(topicsOf({ kind, projectId, requestId })).not.toEqual([]);
  });

  test.each(patched)('%s reloads nothing', (kind) => {
    expect(topicsOf({ kind, projectId, requestId })).toEqual([]);
  });

  test('a changed stage concerns its request only', () => {
    expect(topicsOf({ kind: 'file.stageChanged', projectId, requestId })).toEqual(['turnover:request:req_a']);
  });

  test.each([
    ['workspace.changed', ['turnover:workspace:prj_a']],
    ['project.changed', ['turnover:project:prj_a', 'turnover:retention:prj_a']],
    ['retention.changed', ['turnover:retention:prj_a']],
    ['notification.changed', ['turnover:notifications']],
    ['member.added', ['turnover:members:prj_a', 'turnover:project:prj_a']],
    ['upload.discarded', ['turnover:uploads']],
    ['account.changed', ['turnover:account']],
    ['reasons.changed', ['turnover:reasons']],
  ] as const)('%s', (kind, topics) => {
    expect(topicsOf({ kind, projectId, requestId: null })).toEqual(topics);
  });
});

describe('each topic', () => {
  const reached = kinds.flatMap((kind) => topicsOf({ kind, projectId, requestId }));
  const reachedWithoutProject = kinds.flatMap((kind) => topicsOf({ kind, projectId: null, requestId: null }));
  const all = Object.entries(topics);

  test.each(all.filter(([name]) => name !== 'request'))('%s is reached by an event', (_, topic) => {
    expect(reached).toContain(topic(projectId));
  });

  test.each(all.filter(([, topic]) => topic.length === 0))(
    '%s, which takes no id, is reached by an event without a project',
    (_, topic) => {
      expect(reachedWithoutProject).toContain(topic(projectId));
    },
  );
});

test('events that people read in a history are never deleted', () => {
  const passing = kinds.filter((kind) => eventKinds[kind] === 'signal');
  expect(passing.sort()).toEqual([
    'account.changed',
    'file.progress',
    'file.stageChanged',
    'manifest.changed',
    'notification.changed',
    'project.changed',
    'reasons.changed',
    'request.commentChanged',
    'requestTypes.changed',
    'retention.changed',
    'savedViews.changed',
    'upload.changed',
    'upload.progress',
    'workspace.changed',
  ]);
});
