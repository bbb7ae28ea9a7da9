// Every promise to the users of Workspace and deliveries has a browser test; the tag of the test names the promise.
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';

const promises = {
  A1: 'a Workspace is its owner’s alone',
  A2: 'My Workspace and Shared with me',
  A3: 'says always that it is temporary and no delivery',
  A4: 'the sidebar opens at the left edge',
  A5: 'upload by dialog and by dropping',
  A6: 'blue rows and a blue bar of actions',
  A7: 'the share dialog',
  A8: 'what Can update and Can share allow',
  A9: 'recipients get a mail and the entry',
  A10: 'the panel: details and people',
  A11: 'the end of a share',
  A12: 'a shared folder shares all it holds',
  A13: 'moving by mouse and without',
  A14: 'new folders, with the selection in them',
  A15: 'sorting stays',
  A16: 'submitting a selection to a request',
  A17: 'clearing the files of a redelivery while submitting',
  A18: 'who can be shared with',
  A19: 'names: flagged, refused, taken',
  A20: 'retention and more time',
  A21: 'shares that are passed on',
  A22: 'why somebody sees an entry',
  A23: 'remove, stop sharing, delete',
  A24: 'the end of a share is extended in one click',
  A25: 'who picked it up, and one reminder',
  A26: 'a sequence is one row',
  A27: 'a taken name is a question',
  A28: 'where an entry was delivered',
  A29: 'whatever is selected is one download',
  B1: 'the list of requests',
  B2: 'the page of a request',
  B3: 'uploading into a request, and submitting from a Workspace',
  B4: 'submitting by hand and automatically',
  B5: 'processing, live',
  B6: 'what was found in each file',
  B7: 'asking for redelivery, and when it is not possible',
  B8: 'the redelivery dialog',
  B9: 'a redelivery is empty or keeps its files',
  B10: 'removing files',
  B11: 'renaming files',
  B12: 'why an action is not possible',
  B13: 'processing holds changes',
  B14: 'accepting, reopening, cancelling, restoring',
  B15: 'assigning to people and companies',
  B16: 'due and promised dates, and how urgent it is',
  B17: 'request types',
  B18: 'rules before the first byte',
  B19: 'the list of reasons',
  B20: 'comparing rounds',
  B21: 'findings at files and times',
  B22: 'the receipt of a round',
  B23: 'when an upload ends',
  B25: 'restoring removed files',
  B26: 'the activity',
  B27: 'My work',
  B28: 'only what changed travels in a redelivery',
  B29: 'types from published specifications',
  C4: 'the tray: progress, speed, time left, and what limits them',
  C6: 'space is limited and reserved before the first byte',
  C7: 'downloads keep the names of files',
  C9: 'previews in the browser',
  D1: 'which stages run',
  D2: 'proxies of movies where ffmpeg is installed',
};

test('each promise has a browser test', () => {
  const specs = readdirSync(import.meta.dirname).filter((name) => name.endsWith('.spec.ts'));
  const tags = specs.flatMap((name) => {
    const text = readFileSync(join(import.meta.dirname, name), 'utf8');
    return [...text.matchAll(/\btag: (.+?) \}/gs)].flatMap(([, list]) => list!.match(/(?<=@)\w+/g) ?? []);
  });
  expect([...new Set(tags)].toSorted()).toEqual(Object.keys(promises).toSorted());
});
