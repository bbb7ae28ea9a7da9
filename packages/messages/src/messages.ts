/** Every visible text as a typed function: `import * as m from '@turnover/messages/messages'`. */
export * from './paraglide/messages/_index.js';
