import { expect, test } from 'vitest';
import { audienceWords, notices, requestNotices } from './notification-table.ts';
import { isAlarm, isLetter, notificationKinds } from './notifications.ts';
import { dueWarnings } from './requests/requests.ts';

test('each kind has a row with a cause and at least one audience that the documentation explains', () => {
  expect(Object.keys(notices).sort()).toEqual([...notificationKinds].sort());
  for (const kind of notificationKinds) {
    const { when, to } = notices[kind];
    expect(when, kind).not.toBe('');
    expect(to.length, kind).toBeGreaterThan(0);
    for (const audience of to) expect(audienceWords[audience], kind).toBeTruthy();
  }
});

test('letters are sent only by mail, alarms always, and all other kinds follow the choice of the person', () => {
  for (const kind of notificationKinds) {
    const { inApp, mail } = notices[kind];
    const isAlways = isLetter(kind) || isAlarm(kind);
    expect({ inApp, mail }, kind).toEqual({ inApp: !isLetter(kind), mail: isAlways ? 'always' : 'choice' });
  }
});

test('a notification replaces only kinds that the same people get', () => {
  for (const kind of notificationKinds) {
    for (const replaced of notices[kind].replaces ?? [])
      expect(notices[replaced].to).toEqual(notices[kind].to);
  }
});

test('warnings of due dates go to audiences of their kind', () => {
  const { to } = requestNotices['request.dueSoon'];
  for (const { audience } of dueWarnings) expect(to).toContain(audience);
});
