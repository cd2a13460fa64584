// npm run ledger-model [-- --operations N] [--seed N] [--execution grouped|single]: the long form of ledger-model.int.test.ts.

import { parseArgs } from 'node:util';
import { startMysql } from '../support/mysql-server.ts';
import { openLedger } from '../support/test-ledger.ts';
import { runModel } from './run.ts';

const { values } = parseArgs({
  options: {
    operations: { type: 'string', default: '100000' },
    seed: { type: 'string', default: '1' },
    execution: { type: 'string', default: 'grouped' },
  },
});
await using server = await startMysql();
await using under = await openLedger(server, 'model', values.execution === 'single' ? 'single' : 'grouped');
const started = Date.now();
const windowMax = values.execution === 'single' ? 1 : 400;
const report = await runModel(under, { seed: Number(values.seed), operations: Number(values.operations), windowMax });
process.stdout.write(
  `${JSON.stringify({ ...report, failures: under.failures.length, seconds: Math.round((Date.now() - started) / 1_000) })}\n`,
);
