// Forbids import circles, and imports that go upwards between the floors of packages/core.
// package.json, `turbo boundaries` and eslint.config.js limit the imports between packages.

/**
 * The floors of packages/core/src, the lowest first. A floor imports itself and the floors below it. The files in the root
 * are below all of them. Some folders have single files that stand on a floor of their own.
 */
const floors = [
  // Files and manifests use it to request the automatic submit of a complete delivery.
  'requests/submit-trigger',
  'audit',
  'notifications',
  'server',
  'people',
  'entries',
  'assets',
  'backups',
  'shares',
  // A reset link disconnects the account from the OpenID provider.
  'oidc/(disconnect|groups)',
  // Proving an address binds the shares that wait for it.
  'people/(email-proof|links)',
  'uploads/(access|holdings|space)',
  'manifests',
  'requests',
  'uploads',
  'projects',
  // An invitation makes an account for somebody who signed in at the OpenID provider.
  'oidc',
  'retention',
  'workspace',
  'archives',
  'doctor',
  // It gathers from all of them.
  'work',
  // Sending a mail creates its links and codes.
  'notifications/(mails|next-mail|smtp)',
];

const core = '^packages/core/src/';
const rootFiles = `${core}[^/]+[.]ts$`;
const tests = ['[.]test[.]ts$', '/testing/', '/testing[.]ts$', '/testing-[a-z-]+[.]ts$'];

/** A file that stands on a floor of its own is not of its folder's floor. @param {string} floor */
function filesOf(floor) {
  if (floor.includes('/')) return `${core}${floor}[.]ts$`;
  const apart = floors
    .filter((other) => other.startsWith(`${floor}/`))
    .map((other) => other.slice(floor.length + 1));
  return `${core}${floor}/(?!(${apart.join('|') || '^'})[.]ts$)`;
}

/** @type {import('dependency-cruiser').IConfiguration} */
export default {
  forbidden: [
    {
      name: 'no-circles',
      comment: 'Move what both need into a file that imports neither.',
      severity: 'error',
      from: {},
      to: { circular: true },
    },
    {
      name: 'core-root-is-lowest',
      comment: 'Move the function into the folder of its noun.',
      severity: 'error',
      from: { path: rootFiles, pathNot: tests },
      to: { path: `${core}[^/]+/` },
    },
    {
      name: 'core-folder-has-a-floor',
      comment: 'Name the new folder among the floors.',
      severity: 'error',
      from: { path: core, pathNot: [rootFiles, ...floors.map(filesOf), ...tests] },
      to: {},
    },
    ...floors.slice(0, -1).map((floor, index) => ({
      name: `core-imports-downwards-from-${floor}`,
      comment: 'Move the function to the lower floor, or its caller to the higher one.',
      severity: 'error',
      from: { path: filesOf(floor), pathNot: tests },
      to: { path: floors.slice(index + 1).map(filesOf) },
    })),
    {
      name: 'testing-only-from-tests',
      comment: 'Test set-up is not part of the product.',
      severity: 'error',
      from: { pathNot: [...tests, '^apps/web/e2e/', '^bench/'] },
      to: { path: '^(packages|apps)/[^/]+/(src|e2e)/testing(/|[.]ts$)' },
    },
  ],
  options: {
    // Count type imports too.
    tsPreCompilationDeps: true,
    tsConfig: { fileName: 'tsconfig.json' },
    doNotFollow: { path: 'node_modules' },
    exclude: { path: ['node_modules', '[.]svelte-kit/', '^apps/web/build/', '/paraglide/'] },
    enhancedResolveOptions: {
      exportsFields: ['exports'],
      conditionNames: ['import', 'node', 'default'],
      extensions: ['.ts', '.js', '.mjs', '.svelte'],
    },
  },
};
