import { expect, test } from 'vitest';
import { actionsOfStage } from './stage-control.ts';
import { stageSkipReasons, type StageStatus } from './stages.ts';

const stage = (status: StageStatus, skipReason: string | null = null, name = 'preview') => ({
  stage: name,
  status,
  skipReason,
  informs: false,
});
const informing = { ...stage('failed', null, 'signal'), informs: true };

test.each(stageSkipReasons)('skipped for %s: only what may have passed is tried again', (reason) => {
  const ofFile = ['empty_file', 'not_inspected', 'not_measured', 'no_preview', 'not_decoded'];
  const lies = ofFile.includes(reason);
  expect(actionsOfStage([stage('done'), stage('skipped', reason)], 1)).toEqual(lies ? [] : ['retryStage']);
});

test.each(['waiting', 'running', 'failed'] as const)(
  'a skipped stage is not tried again while another one of the file is %s',
  (status) => {
    const stages = [stage('skipped', 'no_space'), stage(status, null, 'encode')];
    expect(actionsOfStage(stages, 0)).toEqual([]);
  },
);

test('two skipped stages can both be tried again', () => {
  const stages = [stage('skipped', 'by_person', 'inspect'), stage('skipped', 'no_space')];
  expect([0, 1].map((position) => actionsOfStage(stages, position))).toEqual([
    ['retryStage'],
    ['retryStage'],
  ]);
});

test('a failure that only informs is tried again once the rest of the file is through', () => {
  expect(actionsOfStage([informing, stage('done')], 0)).toEqual(['retryStage', 'skipStage']);
  expect(actionsOfStage([informing, informing], 1)).toContain('retryStage');
  for (const status of ['waiting', 'running', 'failed'] as const)
    expect(actionsOfStage([informing, stage(status)], 0)).toEqual(['skipStage']);
  // It stands in the way of no other stage.
  expect(actionsOfStage([informing, stage('skipped', 'no_space')], 1)).toEqual(['retryStage']);
});

test('the checksum can be stopped, and never skipped', () => {
  expect(actionsOfStage([stage('running', null, 'checksum')], 0)).toEqual(['cancelStage']);
  expect(actionsOfStage([stage('failed', null, 'checksum')], 0)).toEqual(['retryStage']);
});
