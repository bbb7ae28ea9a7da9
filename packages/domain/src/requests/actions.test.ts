import { describe, expect, test } from 'vitest';
import {
  actions,
  nextStatus,
  offersIn,
  refuseAction,
  refuseOffer,
  requestActions,
  takesFiles,
  type ContentAction,
  type RequestFacts,
} from './actions.ts';
import { isBeingProcessed, requestStatuses } from './machine.ts';

const contentActions = ['add', 'rename', 'remove', 'clear', 'assign'] as const satisfies ContentAction[];

const deliverable: RequestFacts = {
  status: 'open',
  round: 1,
  withChecksum: false,
  fileCount: 1,
  uploadingCount: 0,
  verifyingCount: 0,
  isRemoving: false,
  isComparing: false,
  openBlockers: 0,
};

/**
 * The expected transitions, taken from the product description and not from the table: status → action → next status.
 */
const life: Record<string, Record<string, string>> = {
  open: { submit: 'submitted', cancel: 'cancelled' },
  submitted: { startProcessing: 'processing' },
  processing: { finishProcessing: 'processed' },
  processed: { accept: 'accepted', askForRedelivery: 'redelivery', resumeProcessing: 'processing' },
  redelivery: { submit: 'submitted', cancel: 'cancelled' },
  accepted: { reopen: 'processed' },
  cancelled: { restore: 'open' },
};

describe('the transitions of a request', () => {
  const pairs = requestStatuses.flatMap((status) =>
    requestActions.map((action) => [status, action] as const),
  );

  test.each(pairs)('%s: %s', (status, action) => {
    const next = nextStatus(action, { ...deliverable, status });
    expect(next).toEqual(life[status]![action] ?? { code: 'status_forbids', details: { action, status } });
    expect(refuseAction(action, { ...deliverable, status })).toEqual(typeof next === 'string' ? null : next);
  });

  test('a request that was cancelled in a later round is restored to Redelivery', () => {
    expect(nextStatus('restore', { ...deliverable, status: 'cancelled', round: 3 })).toBe('redelivery');
  });

  test('only the hub itself starts, ends and resumes processing', () => {
    const byNobody = requestActions.filter((action) => actions[action].permission === null);
    expect(byNobody).toEqual(['startProcessing', 'finishProcessing', 'resumeProcessing']);
  });
});

describe('the actions that a list offers', () => {
  test('omits actions that the role may never do, and says why an action is not possible now', () => {
    const offered = offersIn('open', 'partner');
    expect(offered.get('submit')).toBeNull();
    expect(offered.get('askForRedelivery')).toEqual({
      code: 'status_forbids',
      details: { action: 'askForRedelivery', status: 'open' },
    });
    expect([...offered.keys()]).not.toContain('accept');
    expect([...offersIn('processed', 'reviewer').keys()]).toEqual(['comment', 'accept', 'check']);
  });

  test('are none without a role', () => {
    expect(offersIn('open', null).size).toBe(0);
  });
});

describe('submit', () => {
  test.each([
    [{ fileCount: 0 }, 'request_empty', {}],
    [{ uploadingCount: 2 }, 'still_uploading', { count: 2 }],
    [{ fileCount: 0, uploadingCount: 1 }, 'still_uploading', { count: 1 }],
    [{ verifyingCount: 3 }, 'still_verifying', { count: 3 }],
    [{ uploadingCount: 1, verifyingCount: 1 }, 'still_uploading', { count: 1 }],
  ])('with %j is refused: %s', (facts, code, details) => {
    for (const status of ['open', 'redelivery'] as const) {
      expect(nextStatus('submit', { ...deliverable, status, ...facts })).toEqual({ code, details });
    }
  });
});

describe('actions on files', () => {
  const changeable = ['open', 'redelivery'];
  const cases = requestStatuses.flatMap((status) =>
    contentActions.flatMap((action) =>
      [false, true].flatMap((withChecksum) =>
        [false, true].map((processing) => ({ status, action, withChecksum, processing })),
      ),
    ),
  );

  test.each(cases)('$status, $action, with a checksum $withChecksum, processing $processing', (each) => {
    const { status, action, withChecksum, processing } = each;
    const frozen = withChecksum && ['rename', 'remove'].includes(action);
    const refusal = refuseAction(action, {
      status,
      withChecksum,
      isRemoving: false,
      isProcessing: processing,
    });
    const touchesFiles = ['rename', 'remove', 'clear'].includes(action);
    if (processing && touchesFiles) expect(refusal?.code).toBe('processing_forbids');
    else if (frozen) expect(refusal?.code).toBe('checksum_forbids');
    else if (!changeable.includes(status)) expect(refusal?.code).toBe('status_forbids');
    else expect(refusal).toBeNull();
  });

  test.each(contentActions)(
    '%s is refused while many files are being removed, unless it concerns no files',
    (action) => {
      const refusal = refuseAction(action, { status: 'open', withChecksum: false, isRemoving: true });
      expect(refusal?.code ?? null).toBe(action === 'assign' ? null : 'still_removing');
      expect(refuseAction('submit', { ...deliverable, isRemoving: true })?.code).toBe('still_removing');
    },
  );

  test('files can be added in Open and Redelivery', () => {
    expect(requestStatuses.filter(takesFiles)).toEqual(changeable);
  });

  test('files are being processed from submit to the end of processing', () => {
    expect(requestStatuses.filter(isBeingProcessed)).toEqual(['submitted', 'processing']);
  });
});

test('clearing is offered only when the request has files', () => {
  expect(refuseOffer('clear', { ...deliverable, fileCount: 0 })?.code).toBe('request_empty');
  expect(refuseAction('clear', { ...deliverable, fileCount: 0 })).toBeNull();
  expect(refuseOffer('clear', deliverable)).toBeNull();
});

test('findings are answered in Redelivery and checked off in Processed', () => {
  const possible = (action: 'answer' | 'check') =>
    requestStatuses.filter((status) => refuseAction(action, { ...deliverable, status }) === null);
  expect(possible('answer')).toEqual(['redelivery']);
  expect(possible('check')).toEqual(['processed']);
});
