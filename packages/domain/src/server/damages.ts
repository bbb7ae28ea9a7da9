/** What the doctor finds: differences between the database and the files of the data folder. */

/** Every kind of damage, with what it means, in English, for the command line and the documentation. */
export const damageWords = {
  missing: 'a stored file is missing from the vault',
  truncated: 'a stored file is shorter than it was received',
  tooLong: 'a stored file is longer than it was received',
  changed: 'the bytes of a stored file no longer match their checksum',
  unreadable: 'a stored file cannot be read',
  unknownFile: 'a file lies in the vault or the quarantine that the database does not know',
  leftPart: 'bytes lie in incoming that no upload will continue',
  stuckUpload: 'an upload waits for bytes that are not there',
  stuckFile: 'a file waits for a check that nothing will make',
  freedInUse: 'a file is listed whose bytes were deleted',
  database: 'the database fails the check of SQLite',
  orphanedRow: 'a row of the database refers to a row that does not exist',
} as const;
export type DamageKind = keyof typeof damageWords;

/** Damages of stored bytes. Only a copy can mend them. */
export const damagesOfBytes: readonly DamageKind[] = [
  'missing',
  'truncated',
  'tooLong',
  'changed',
  'unreadable',
];

/** Damages that only reading the whole file finds. */
export const damagesByReading: readonly DamageKind[] = ['changed', 'unreadable'];

export type Damage = {
  kind: DamageKind;
  /** An asset id, an upload id, a path below the data folder, or a table of the database. */
  subject: string;
  /** Sizes in bytes, checksums, or the words of SQLite. */
  expected?: string | number;
  found?: string | number;
};

/** `files` and `bytes` count the stored files; `readFiles` and `readBytes` those whose checksum was compared. */
export type Examination = {
  files: number;
  bytes: number;
  readFiles: number;
  readBytes: number;
  damages: Damage[];
};
