// Recompiles the messages when their sources change, in builds and in development.
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
        // The server side imported the previous output natively and cannot reload it.
        void server.restart();
      });
    },
  };
}
