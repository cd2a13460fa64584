// `npm run bank-jepsen -- --minutes 5 --seed 1`: the long form of the bank test; ends with 1 when anything was violated.

import { parseArgs } from 'node:util';
import { runJepsen } from './run.ts';

const { values } = parseArgs({
  options: {
    minutes: { type: 'string', default: '5' },
    clients: { type: 'string', default: '32' },
    accounts: { type: 'string', default: '20' },
    'kill-seconds': { type: 'string', default: '20' },
    seed: { type: 'string', default: String(Date.now() % 1_000_000) },
  },
});
const seed = Number(values.seed);
process.stderr.write(`seed ${seed}\n`);
const result = await runJepsen({
  seconds: Number(values.minutes) * 60,
  clients: Number(values.clients),
  accounts: Number(values.accounts),
  killEveryMs: Number(values['kill-seconds']) * 1_000,
  seed,
  tell: (text) => void process.stderr.write(`  ${text}\n`),
});
process.stdout.write(`${JSON.stringify({ seed, ...result }, null, 2)}\n`);
process.exitCode = result.violations.length === 0 && result.posted > 0 ? 0 : 1;
