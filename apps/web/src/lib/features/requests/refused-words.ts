/** Explains why something that was asked for was not done. */
import { refusalCodes, type RefusalCode } from '@turnover/domain/requests/actions';
import { wordsFor } from '#lib/error-words.ts';
import type { ReportedError } from '#lib/reported-error.ts';
import { explainRefusal } from './refusal-words.ts';

export function explainRefused({ code, details = {} }: ReportedError): string {
  return isRefusal(code) ? explainRefusal({ code, details }) : wordsFor({ code, details });
}

function isRefusal(code: string): code is RefusalCode {
  return (refusalCodes as readonly string[]).includes(code);
}
