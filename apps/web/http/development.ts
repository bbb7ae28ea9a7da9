// In development, Vite serves the pages. The hub and the mounts are the same as in production.
import { loadSettings } from '@turnover/config/load-settings';
import type { Plugin } from 'vite';
import type { Hub } from '../src/lib/server/hub.ts';
import { findMount } from './mounts.ts';
import { openHub, type OpenHub } from './open-hub.ts';

let opened: Promise<OpenHub> | undefined;

export async function developmentHub(): Promise<Hub> {
  return (await open()).hub;
}

export function mountsInDevelopment(): Plugin {
  return {
    name: 'turnover-mounts',
    apply: 'serve',
    config() {
      const { port, host, publicUrl } = loadSettings(process.env).config;
      const allowedHosts = publicUrl ? [new URL(publicUrl).hostname] : [];
      return { server: { port, host, strictPort: true, allowedHosts } };
    },
    async configureServer(server) {
      const { mounts, setupPath, close } = await open();
      process.send?.({ ready: true });
      server.httpServer?.once('listening', () => {
        if (setupPath) console.log(`Create the owner's account with this one-time link: ${setupPath}`);
      });
      server.httpServer?.once('close', () => {
        opened = undefined;
        void close();
      });
      server.middlewares.use((request, response, next) => {
        const mount = findMount(mounts, request.url ?? '/');
        if (!mount) return next();
        Promise.resolve(mount.handle(request, response)).catch(next);
      });
    },
  };
}

function open(): Promise<OpenHub> {
  opened ??= openHub(loadSettings(process.env));
  return opened;
}
