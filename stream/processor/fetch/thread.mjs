// Starts the thread that fetches: a worker does not inherit the loader that reads TypeScript.

import { register } from 'tsx/esm/api';

register();
await import('./thread.ts');
