// The recommended rules, and rules that enforce the layers of docs/architecture.md.
// No rule uses type information: `tsc` checks types, and linting takes seconds.
import js from '@eslint/js';
import svelte from 'eslint-plugin-svelte';
import globals from 'globals';
import ts from 'typescript-eslint';

const tests = ['**/*.test.ts', '**/testing.ts', '**/testing/**'];
const typescript = ['**/*.ts', '**/*.svelte', '**/*.svelte.ts'];

/** Which of our packages each room may import. A package.json without the name already stops most of it. */
const layers = {
  'packages/domain': [],
  'packages/config': [],
  'packages/messages': [],
  'packages/db': ['domain'],
  'packages/core': ['domain', 'db'],
  'packages/transfer': ['domain', 'core'],
  'packages/processing': ['domain'],
  'packages/metrics': ['domain', 'core'],
  'packages/api': ['domain', 'core', 'messages'],
  'apps/cli': ['domain', 'config', 'db', 'core', 'processing', 'messages'],
  'apps/worker': ['domain', 'config', 'db', 'core', 'processing', 'messages', 'metrics'],
  // The web process checks the stages from outside when it starts.
  'apps/web': ['domain', 'config', 'db', 'core', 'processing', 'transfer', 'api', 'messages', 'metrics'],
};

const noEnv = {
  object: 'process',
  property: 'env',
  message: 'Settings come from loadConfig(env) of @turnover/config; only entry points read the environment.',
};

const clockMessage = 'Time comes from ctx.clock, so that tests can move it.';
const idMessage = 'Random values come from ctx.newId, so that tests can repeat them.';
const noClock = [
  { object: 'Date', property: 'now', message: clockMessage },
  { object: 'Math', property: 'random', message: idMessage },
];
const noDateOfNow = {
  selector: "NewExpression[callee.name='Date'][arguments.length=0]",
  message: clockMessage,
};

/** Browsers give these to pages over https only; on a bare LAN there is plain http. */
const secureOnly = [
  ...['clipboard', 'serviceWorker', 'storage', 'locks', 'share', 'mediaDevices'].map((property) => ({
    object: 'navigator',
    property,
  })),
  ...['subtle', 'randomUUID'].map((property) => ({ object: 'crypto', property })),
  ...['showDirectoryPicker', 'showOpenFilePicker', 'showSaveFilePicker', 'caches'].map((property) => ({
    object: 'window',
    property,
  })),
].map((each) => ({
  ...each,
  message:
    'Browsers lack this over plain http. Copy with #lib/ui/text/copy-text.ts; other code must work without it.',
}));

const noNode = {
  regex: '^node:',
  message: 'domain also runs in browsers. Code that needs Node belongs in core or processing.',
};
const noApiClient = {
  regex: '^(#lib|\\$lib|\\.{1,2}.*)/trpc(\\.ts)?$|^@trpc/',
  message: 'This room must not call the API. Take data and callbacks as props; the feature calls the API.',
};
const noFeatures = {
  regex: '/features/',
  message: 'Features share this room, so it imports none of them. Take a snippet or props instead.',
};
const noOtherFeature = {
  regex: '^(#lib/features|(\\.\\./){2,}features)/',
  message:
    'Features do not import each other. Compose both in a route, or move what they share into lib/ui or lib.',
};
const leavesFeature =
  'This leaves the folder of the feature. Compose in a route, or import from #lib/ui or #lib.';
const noSibling = { regex: '^\\.\\./(?!\\.\\.)', message: leavesFeature };
const noCousin = { regex: '^\\.\\./\\.\\./', message: leavesFeature };

/** @param {string} room @param {string[]} allowed */
function onlyLayers(room, allowed) {
  const others = Object.keys(layers).map((each) => each.split('/')[1]);
  const forbidden = others.filter((name) => !allowed.includes(name) && !room.endsWith(`/${name}`));
  return {
    regex: `^@turnover/(${forbidden.join('|')})(/|$)`,
    message: `${room} may import only: ${allowed.join(', ') || 'none of our packages'} (the layers in docs/architecture.md).`,
  };
}

/** ESLint replaces a rule's options as a whole: each place needs its complete list.
 * @param {string} room @param {object[]} patterns */
function restrictImports(room, ...patterns) {
  const layer = onlyLayers(room, layers[room]);
  return { 'no-restricted-imports': ['error', { patterns: [layer, ...patterns] }] };
}

export default ts.config(
  {
    ignores: [
      '**/node_modules/',
      '**/build/',
      '**/.svelte-kit/',
      '**/.turbo/',
      '**/test-results/',
      '**/playwright-report/',
      'packages/messages/src/paraglide/',
      'data/',
    ],
  },
  js.configs.recommended,
  ...ts.configs.recommended,
  ...svelte.configs['flat/recommended'],
  ...svelte.configs['flat/prettier'],
  {
    languageOptions: { globals: { ...globals.node, ...globals.browser } },
    linterOptions: { reportUnusedDisableDirectives: 'error' },
    rules: {
      eqeqeq: ['error', 'always', { null: 'ignore' }],
      'no-console': 'off',
      // Reports a timer that is only set by ??= as unused.
      'no-unused-private-class-members': 'off',
      '@typescript-eslint/no-unused-vars': [
        'error',
        { argsIgnorePattern: '^_', varsIgnorePattern: '^_', caughtErrors: 'all', ignoreRestSiblings: true },
      ],
      '@typescript-eslint/consistent-type-imports': 'error',
      'no-restricted-properties': ['error', noEnv],
    },
  },
  { files: typescript, rules: { 'no-undef': 'off' } },
  {
    files: ['**/*.svelte', '**/*.svelte.ts'],
    languageOptions: { parserOptions: { parser: ts.parser, extraFileExtensions: ['.svelte'] } },
    rules: {
      // SvelteKit's resolve() matters only under a base path, which the server does not have.
      'svelte/no-navigation-without-resolve': 'off',
      // Our sets and maps are replaced as a whole, which $state notices.
      'svelte/prefer-svelte-reactivity': 'off',
    },
  },
  ...Object.keys(layers).map((room) => ({
    files: [`${room}/**`],
    ignores: tests,
    rules: restrictImports(room),
  })),
  {
    files: ['packages/domain/**', 'packages/core/**'],
    ignores: [...tests, 'packages/core/src/people/sessions.ts'],
    rules: {
      'no-restricted-properties': ['error', noEnv, ...noClock],
      'no-restricted-syntax': ['error', noDateOfNow],
    },
  },
  {
    files: ['packages/domain/**'],
    ignores: tests,
    rules: restrictImports('packages/domain', noNode),
  },
  {
    files: ['apps/web/src/**'],
    ignores: [...tests, '**/server/**', '**/*.server.ts'],
    rules: { 'no-restricted-properties': ['error', noEnv, ...secureOnly] },
  },
  { files: ['apps/web/src/lib/ui/**'], rules: restrictImports('apps/web', noFeatures, noApiClient) },
  { files: ['apps/web/src/lib/player/**'], rules: restrictImports('apps/web', noFeatures, noApiClient) },
  { files: ['apps/web/src/lib/features/*/*'], rules: restrictImports('apps/web', noOtherFeature, noSibling) },
  {
    files: ['apps/web/src/lib/features/*/*/*'],
    rules: restrictImports('apps/web', noOtherFeature, noCousin),
  },
  {
    // Entry points, tests and tools.
    files: [
      ...tests,
      '*.{js,ts}',
      'apps/*/src/main.ts',
      'apps/cli/src/demo.ts',
      'apps/web/{server,vite.config,playwright.config}.ts',
      'apps/web/http/development.ts',
      'apps/web/e2e/**',
      'scripts/**',
      'bench/**',
    ],
    rules: { 'no-restricted-properties': 'off' },
  },
);
