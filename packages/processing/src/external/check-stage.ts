/** Runs an external check as a stage: it calls the program or the service, and treats the answer as hostile. */
import {
  checkTimeLimitMs,
  externalAnswer,
  maxAnswerBytes,
  type CheckFailure,
  type ExternalCheck,
} from '@turnover/domain/media/external-checks';
import type { OutsideOutcome } from '@turnover/domain/media/outside-stages';
import type { StageText } from '@turnover/domain/media/stage-words';
import type { LoadedStage } from '../outside/load.ts';
import { runProgram } from '../run-program.ts';
import { postFile } from './post-file.ts';

type Asked = { path: string; name: string };
type ProgramCheck = Extract<ExternalCheck, { command: string[] }>;
type ServiceCheck = Extract<ExternalCheck, { url: string }>;

/** How much longer the pool's time limit is than the check's own: it acts only when the check's own limit fails. */
const marginMs = 10_000;

const failures: Record<CheckFailure, StageText> = {
  check_ended_badly: {
    en: 'The check ended with an error.',
    'es-419': 'La revisión terminó con un error.',
  },
  check_took_too_long: {
    en: 'The check took too long, so Turnover ended it.',
    'es-419': 'La revisión tardó demasiado y Turnover la terminó.',
  },
  check_unreadable: {
    en: 'The check gave no answer that Turnover can read.',
    'es-419': 'La revisión no dio una respuesta que Turnover pueda leer.',
  },
};

export function stageOfCheck(check: ExternalCheck): LoadedStage {
  return {
    name: check.name,
    words: { name: check.label, facts: {} },
    failures,
    skips: {},
    timeLimitMs: checkTimeLimitMs(check) + marginMs,
    appliesTo: ({ name, kind, sizeBytes }) => {
      const extension = /\.([^.]+)$/.exec(name)?.[1]?.toLowerCase() ?? '';
      const isOfKind = check.kinds.length === 0 || check.kinds.includes(kind);
      return (
        sizeBytes > 0 && isOfKind && (check.extensions.length === 0 || check.extensions.includes(extension))
      );
    },
    run: (file, { signal }) =>
      'command' in check ? askProgram(check, file, signal) : askService(check, file, signal),
  };
}

async function askProgram(
  check: ProgramCheck,
  { path }: Asked,
  signal: AbortSignal,
): Promise<OutsideOutcome> {
  const [program, ...args] = check.command;
  const answer: Buffer[] = [];
  let isTooMuch = false;
  const limits = {
    timeMs: checkTimeLimitMs(check),
    fileBytes: 1024 ** 3,
    memoryBytes: check.memoryMiB * 1024 ** 2,
  };
  const asked = {
    maxBytes: maxAnswerBytes,
    onBytes: (bytes: Buffer) => void answer.push(bytes),
    onTooMuch: () => void (isTooMuch = true),
  };
  const end = await runProgram(program!, [...args, path], { limits, signal, asked });
  if (end.tookTooLong) return failed('check_took_too_long');
  if (isTooMuch) return failed('check_unreadable', `More than ${maxAnswerBytes} bytes`);
  if (end.code !== 0)
    return failed(
      'check_ended_badly',
      `${end.code ?? 'killed'} ${withoutPaths(end.errors.replaceAll(path, '…'))}`,
    );
  return read(Buffer.concat(answer).toString().replaceAll(path, '…'));
}

/**
 * Removes everything that looks like a path from the text of a check, because everyone who sees the file reads the text. The path of
 * the file alone is not enough: the program may cut off its beginning, or name another file.
 */
function withoutPaths(words: string): string {
  return words.replaceAll(/\S*\/\S*\/\S*/g, '…');
}

/** A service that refuses or does not answer is tried again, like every failure that the file did not cause. */
async function askService(
  check: ServiceCheck,
  { path, name }: Asked,
  signal: AbortSignal,
): Promise<OutsideOutcome> {
  const limit = AbortSignal.timeout(checkTimeLimitMs(check));
  try {
    const { status, body } = await postFile({
      url: check.url,
      path,
      headers: { 'content-type': 'application/octet-stream', 'x-turnover-name': encodeURIComponent(name) },
      maxAnswerBytes,
      signal: AbortSignal.any([signal, limit]),
    });
    if (status < 200 || status > 299) throw new Error(`${check.name} answered ${status}.`);
    return body === null ? failed('check_unreadable', `More than ${maxAnswerBytes} bytes`) : read(body);
  } catch (error) {
    if (limit.aborted && !signal.aborted) return failed('check_took_too_long');
    throw error;
  }
}

function read(answer: string): OutsideOutcome {
  let written: unknown;
  try {
    written = JSON.parse(answer);
  } catch {
    return failed('check_unreadable', withoutPaths(answer.slice(0, 1000)));
  }
  const result = externalAnswer.safeParse(written);
  if (!result.success) {
    const { path, message } = result.error.issues[0]!;
    return failed('check_unreadable', `${path.join('.')} ${message}`);
  }
  const { findings, facts } = result.data;
  return { kind: 'done', facts, findings: findings.filter(({ text }) => text !== '') };
}

function failed(failure: CheckFailure, said = ''): OutsideOutcome {
  const words = said.replaceAll(/\s+/g, ' ').trim().slice(0, 200);
  return { kind: 'failed', failure, facts: words === '' ? {} : { said: words } };
}
