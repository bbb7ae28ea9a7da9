/**
 * Litter: files that operating systems and programs leave behind in folders. Server and pages share this table.
 * `system`: nobody ever wants to deliver them. `unfinished`: a partial file or a placeholder, which somebody may still
 * want to send. See `docs/dropping.md`.
 */
export const litterKinds = ['system', 'unfinished'] as const;
export type LitterKind = (typeof litterKinds)[number];

export type Litter = {
  kind: LitterKind;
  /** The system or program that created it: `macOS`. */
  of: string;
  /** The part of the path that matched. A matching folder makes everything in it litter. */
  segment: string;
};

type Row = [of: string, names: readonly string[]];

/**
 * Patterns of file and folder names; case is ignored. `*`: any characters, or none. `?`: a letter or digit. `%`:
 * hexadecimal digits.
 */
const system: readonly Row[] = [
  [
    'macOS',
    ['.DS_Store', '._*', '.localized', 'Icon\r', 'Icon\uf00d', '.AppleDouble', '.AppleDB', '.AppleDesktop'],
  ],
  [
    'macOS',
    ['.Spotlight-V100', '.Trashes', '.Trash', '.fseventsd', '.TemporaryItems', '.VolumeIcon.icns', '.apdisk'],
  ],
  [
    'macOS',
    [
      '.DocumentRevisions-V100',
      '.MobileBackups',
      '.MobileBackups.trash',
      '.com.apple.*',
      '.HFS+ Private Directory Data*',
    ],
  ],
  [
    'macOS',
    ['.metadata_never_index', '.metadata_never_index_unless_rootfs', '.PKInstallSandboxManager*', '__MACOSX'],
  ],
  ['macOS', ['Network Trash Folder', 'TheVolumeSettingsFolder', '.smbdelete*', '.afpDeleted*']],
  [
    'Windows',
    ['Thumbs.db', 'Thumbs.db:encryptable', 'ehthumbs.db', 'ehthumbs_vista.db', 'desktop.ini', '$RECYCLE.BIN'],
  ],
  ['Windows', ['RECYCLER', 'System Volume Information', 'hiberfil.sys', 'pagefile.sys', 'swapfile.sys']],
  ['Windows', ['$WinREAgent', '$WINDOWS.~BT', '$WINDOWS.~WS', 'WPSettings.dat', 'IndexerVolumeGuid']],
  ['Linux', ['lost+found', '.Trash-%', '.directory', '.fuse_hidden*', '.nfs%', '.goutputstream-*', '.xdp-*']],
  [
    'Synology',
    ['@eaDir', '@tmp', '#recycle', '#snapshot', '@SynoResource', '@SynoEAStream', 'SYNOINDEX_MEDIA_INFO'],
  ],
  [
    'Synology',
    [
      '.SynologyWorkingDirectory',
      '@SynologyCloudSync',
      '@sharesnap',
      '@syno*',
      '*@SynoResource',
      '*@SynoEAStream',
    ],
  ],
  ['QNAP', ['@Recycle', '@Recently-Snapshot', '.@__thumb', '.@upload_cache', '.@__qini', '.streams']],
  [
    'a file server',
    ['.snapshot', '~snapshot', '.zfs', '.snapshots', '.ifsvar', '.recycle', '.glusterfs', '.bzvol'],
  ],
  [
    'a sync program',
    ['.dropbox', '.dropbox.attr', '.dropbox.cache', '.tmp.drivedownload', '.tmp.driveupload', '.stfolder'],
  ],
  [
    'a sync program',
    ['.stversions', '.sync_*.db*', '._sync_*', '.owncloudsync.log*', '.nextcloudsync.log*', '.SyncTrash'],
  ],
  ['a sync program', ['.SyncID', '.SyncIgnore', '.SyncArchive', '.849C9593-D756-4E56-8D6E-42412F2A707B']],
  ['Microsoft Office', ['~$*', '~WR??%.tmp']],
  ['LibreOffice', ['.~lock.*#']],
  [
    'Adobe',
    [
      '*.prlock',
      '.BridgeCache',
      '.BridgeCacheT',
      '.BridgeSort',
      '.BridgeLabelsAndRatings',
      '~*.idlk',
      '*.pek',
      '*.cfa',
    ],
  ],
  ['an audio program', ['WaveCache.wfm', '*.reapeaks', '*.sfk', '*.sfap0', '*.pkf']],
  ['an editing program', ['.fcpcache', '*.mpgindex', '*.avb.lck', '*.avp.lck']],
  ['a text editor', ['.*.swp', '.*.swo', '.#*']],
];

const unfinished: readonly Row[] = [
  [
    'a browser',
    ['*.crdownload', '*.download', '*.opdownload', '*.part', '*.partial', 'Unconfirmed *.crdownload'],
  ],
  [
    'a file transfer',
    ['*.filepart', '*.aspx', '*.aspera-ckpt', '*.aspera-inprogress', '*.!ut', '*.!qB', '*.aria2', '*.bc!'],
  ],
  [
    'a file transfer',
    ['*.fdmdownload', '*.dltemp', '*.uploading', '*.downloading', '*.incomplete', '*.inprogress'],
  ],
  [
    'a file transfer',
    ['.in.*.', '.pureftpd-upload.*', '*.lftp-pget-status', '*.cyberducksegment', '*.part.minio', '*.!sync'],
  ],
  [
    'a file transfer',
    [
      '*.bts',
      '.syncthing.*.tmp',
      '~syncthing~*.tmp',
      '.~tmp~',
      '.rsync-partial',
      '.rsync-tmp',
      '*.ftp-upload',
    ],
  ],
  ['a program that was writing', ['*.tmp', '*.temp', '*.sb-%-??????', '*.$$$', '*.~tmp']],
  ['iCloud', ['.*.icloud']],
];

const wildcards: Record<string, string> = { '*': '.*', '?': '[a-z0-9]', '%': '[0-9a-f]+' };
const sixRandom = /^\..+\.[A-Za-z0-9]{6}$/;

const tables = [
  { kind: 'system', rows: compiled(system) },
  { kind: 'unfinished', rows: compiled(unfinished) },
] as const;

/**
 * The possible endings, as a quick first test: a check may cover a hundred thousand names, and hardly any is litter.
 */
const endings = new Set(
  [...system, ...unfinished].flatMap(([, names]) => names.map((name) => endingOf(name.toLowerCase()))),
);

function mayBeLitter(segment: string): boolean {
  return /^[._@~#$]|@|\.sb-/.test(segment) || endings.has(endingOf(segment.toLowerCase()));
}

/** Returns the name from its last dot on, or the whole name when it has no dot. */
function endingOf(name: string): string {
  return name.slice(Math.max(0, name.lastIndexOf('.')));
}

/**
 * Returns the litter that the path is or lies in; null when there is none. System litter comes before unfinished files.
 */
export function litterOf(path: string): Litter | null {
  const segments = path.split('/');
  const suspects = segments.filter(mayBeLitter);
  if (suspects.length === 0) return null;
  for (const { kind, rows } of tables) {
    for (const segment of suspects) {
      const row = rows.find(({ pattern }) => pattern.test(segment));
      if (row) return { kind, of: row.of, segment };
    }
  }
  const half = suspects.find(isOfRsync);
  return half === undefined ? null : { kind: 'unfinished', of: 'rsync', segment: half };
}

export function isSystemLitter(path: string): boolean {
  return litterOf(path)?.kind === 'system';
}

/** Returns the path up to and including the litter: `Card/@eaDir` for `Card/@eaDir/a.mov/thumb.jpg`. */
export function litterRoot(path: string, { segment }: Litter): string {
  const segments = path.split('/');
  return segments.slice(0, segments.indexOf(segment) + 1).join('/');
}

/**
 * Returns true for a temporary file of rsync, `.name.XXXXXX` with six random letters and digits. Plain words and
 * numbers do not count.
 */
function isOfRsync(segment: string): boolean {
  if (!sixRandom.test(segment)) return false;
  const random = segment.slice(-6);
  return /[A-Z]/.test(random) ? /[a-z0-9]/.test(random) : /[0-9]/.test(random) && /[a-z]/.test(random);
}

function compiled(rows: readonly Row[]): { of: string; pattern: RegExp }[] {
  return rows.map(([of, names]) => ({
    of,
    pattern: new RegExp(`^(?:${names.map(patternOf).join('|')})$`, 'is'),
  }));
}

function patternOf(name: string): string {
  return name.replace(/[.*+?^${}()|[\]\\%]/g, (sign) => wildcards[sign] ?? `\\${sign}`);
}
