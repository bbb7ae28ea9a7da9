// The build of the web app. SvelteKit 3 takes its options here; there is no svelte.config.js.
import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import adapter from '@sveltejs/adapter-node';
import { sveltekit } from '@sveltejs/kit/vite';
import { defineConfig } from 'vite';
import { developmentHub, mountsInDevelopment } from './http/development.ts';
import { iconsPlugin } from './http/icons-plugin.ts';
import { messagesPlugin } from './http/messages-plugin.ts';
import { pageChunksPlugin } from './http/page-chunks-plugin.ts';
import { splitMessagesPlugin } from './http/split-messages-plugin.ts';
import { unusedConstantsPlugin } from './http/unused-constants-plugin.ts';
import type { HubRequest } from './src/lib/server/hub.ts';

const packages = ['api', 'config', 'core', 'db', 'domain', 'messages', 'transfer'];

const pageChunks = pageChunksPlugin();

export default defineConfig({
  plugins: [
    messagesPlugin(),
    iconsPlugin(),
    splitMessagesPlugin(),
    unusedConstantsPlugin(),
    pageChunks.plugin,
    mountsInDevelopment(),
    sveltekit({
      adapter: {
        ...adapter({ envPrefix: 'TURNOVER_HTTP_' }),
        emulate: () => ({
          platform: async () => ({ req: { turnover: await developmentHub() } as HubRequest }),
        }),
      },
      // Threshold in bytes. A small style sheet would cost a request of its own before the first paint.
      inlineStyleThreshold: 20_480,
      csp: {
        mode: 'nonce',
        directives: {
          'default-src': ['self'],
          'script-src': ['self', 'wasm-unsafe-eval'],
          'style-src': ['self'],
          // Style attributes only: widths of progress bars and positions of menus. A style element needs the nonce.
          'style-src-attr': ['unsafe-inline'],
          'img-src': ['self', 'data:', 'blob:'],
          'media-src': ['self', 'blob:'],
          'object-src': ['none'],
          'base-uri': ['none'],
          'form-action': ['self'],
          'frame-ancestors': ['none'],
        },
      },
    }),
  ],
  // The server must load each of our packages only once: `instanceof HubError` must work between server.ts and the
  // pages. Builds use the pattern below. The development server uses `ssr.external`, and finds TypeScript modules of a
  // package only by their full names.
  ssr: { external: packages.flatMap(modulesOf) },
  environments: {
    ssr: { build: { rolldownOptions: { external: [/^@turnover\//] } } },
    client: {
      build: {
        rolldownOptions: { output: { codeSplitting: { groups: pageChunks.groups } } },
      },
    },
  },
});

function modulesOf(name: string): string[] {
  const folder = join(import.meta.dirname, '../../packages', name, 'src');
  return readdirSync(folder, { recursive: true, encoding: 'utf8' })
    .filter((file) => file.endsWith('.ts') && !file.endsWith('.test.ts') && !file.endsWith('.d.ts'))
    .map((file) => `@turnover/${name}/${file.replaceAll('\\', '/').slice(0, -3)}`);
}
