// A service in a process of its own that sends transfers until it is killed; every answer is a line: number, status, transaction.

import { createRandom } from '../../bank/generator/random.ts';
import { parseCommand } from '../../bank/ledger/commands.ts';
import { startLedger } from '../../bank/service/executor.ts';
import type { ServiceLogin } from '../../bank/store/connect.ts';

const { login, ids, transfers } = JSON.parse(process.argv[2] ?? '') as { login: ServiceLogin; ids: number[]; transfers: number };
const CALLERS = 32;

const ledger = await startLedger({ login, execution: 'grouped', log: { warn: () => undefined, error: () => undefined } });
let next = 0;
await Promise.all(
  Array.from({ length: CALLERS }, async () => {
    while (next < transfers) {
      const at = next;
      next += 1;
      const random = createRandom(at, 5);
      const from = random.int(0, ids.length - 1);
      const to = (from + random.int(1, ids.length - 1)) % ids.length;
      const amount = `${random.int(0, 20)}.${random.int(10, 99)}`;
      const command = parseCommand('transfer', { from_account_id: ids[from], to_account_id: ids[to], amount });
      const { status, body } = await ledger.execute(command, { actor: 'storm', idempotencyKey: `killed-${at}` });
      process.stdout.write(`${at} ${status} ${typeof body['transaction_id'] === 'number' ? body['transaction_id'] : '-'}\n`);
    }
  }),
);
// Lives on until it is killed, as a service does.
setInterval(() => undefined, 1_000);
