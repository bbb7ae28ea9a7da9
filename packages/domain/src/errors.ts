/** The only error class of the hub, with a closed list of codes. Each edge has one table for them. */

export const errorCodes = [
  'invalid_input',
  'unauthenticated',
  'sign_in_refused',
  'forbidden',
  'not_found',
  'link_expired',
  'email_taken',
  'email_not_invited',
  'code_refused',
  'factor_refused',
  'oidc_refused',
  'password_off',
  'name_taken',
  'name_invalid',
  'conflict',
  'changed_meanwhile',
  'into_itself',
  'out_of_share',
  'recipient_refused',
  'expiry_refused',
  'already_reminded',
  'nobody_assigned',
  'status_forbids',
  'processing_forbids',
  'stage_forbids',
  'checksum_forbids',
  'request_empty',
  'still_uploading',
  'still_verifying',
  'still_removing',
  'still_comparing',
  'findings_open',
  'unresolved',
  'rules_unmet',
  'nothing_changed',
  'reason_required',
  'last_coordinator',
  'wrong_offset',
  'upload_gone',
  'upload_locked',
  'checksum_mismatch',
  'file_differs',
  'too_large',
  'body_too_large',
  'body_too_slow',
  'no_space',
  'too_many_uploads',
  'too_many_unfinished',
  'too_many_streams',
  'too_many_held',
  'throttled',
  'cross_site',
  'wrong_address',
  'unavailable',
  'internal',
] as const;

export type ErrorCode = (typeof errorCodes)[number];

/** Facts that complete the sentence shown to people: plain JSON, never a path, a token or a system error text. */
export type ErrorDetails = Record<string, string | number | boolean | null>;

/**
 * Any error that a caller may see. `message` is English for programs and logs; people see a translated message for
 * `code`.
 */
export class HubError extends Error {
  readonly code: ErrorCode;
  readonly details: ErrorDetails;

  constructor(code: ErrorCode, message: string, details: ErrorDetails = {}) {
    super(message);
    this.name = 'HubError';
    this.code = code;
    this.details = details;
  }
}

export const httpStatus: Record<ErrorCode, number> = {
  invalid_input: 400,
  unauthenticated: 401,
  sign_in_refused: 401,
  forbidden: 403,
  not_found: 404,
  link_expired: 410,
  email_taken: 409,
  email_not_invited: 400,
  code_refused: 400,
  factor_refused: 400,
  oidc_refused: 400,
  password_off: 403,
  name_taken: 409,
  name_invalid: 400,
  conflict: 409,
  changed_meanwhile: 409,
  into_itself: 409,
  out_of_share: 409,
  recipient_refused: 400,
  expiry_refused: 400,
  already_reminded: 409,
  nobody_assigned: 409,
  status_forbids: 409,
  processing_forbids: 409,
  stage_forbids: 409,
  checksum_forbids: 409,
  request_empty: 409,
  still_uploading: 409,
  still_verifying: 409,
  still_removing: 409,
  still_comparing: 409,
  findings_open: 409,
  unresolved: 409,
  rules_unmet: 409,
  nothing_changed: 409,
  reason_required: 400,
  last_coordinator: 409,
  wrong_offset: 409,
  upload_gone: 410,
  upload_locked: 423,
  checksum_mismatch: 409,
  file_differs: 409,
  too_large: 413,
  body_too_large: 413,
  body_too_slow: 408,
  no_space: 507,
  too_many_uploads: 503,
  too_many_unfinished: 409,
  too_many_streams: 503,
  too_many_held: 409,
  throttled: 429,
  cross_site: 403,
  wrong_address: 403,
  unavailable: 503,
  internal: 500,
};

/** Returns the same error for things that do not exist and things that the person may not see. */
export function notFound(): HubError {
  return new HubError('not_found', 'Not found.');
}
