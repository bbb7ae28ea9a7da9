// npm run build: installs and builds like `npm start`, and starts nothing. Services and containers then run serve.mjs.
import { prepare } from './bootstrap.mjs';

prepare('web');
// Other commands need only them, and their users may not be able to write here.
prepare('messages');
