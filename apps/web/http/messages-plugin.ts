// Keeps the compiled messages in step with their sources, in builds and while developing.
import type { Plugin } from 'vite';
import { compileMessages, sources } from '@turnover/messages/compile';

export function messagesPlugin(): Plugin {
  return {
    name: 'turnover-messages',
    enforce: 'pre',
    config: compileMessages,
    configureServer(server) {
      server.watcher.add(sources);
      server.watcher.on('change', (file) => {
        if (!sources.includes(file)) return;
        compileMessages();
        // The server side imported the last output natively and cannot let go of it.
        void server.restart();
      });
    },
  };
}
