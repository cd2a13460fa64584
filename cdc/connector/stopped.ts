// Work on a connector that stands: afterwards a new task runs, and none of the old one's work is still to come.

import { LedgerflowError } from '../../infra/runtime/errors.ts';
import { sleep } from '../../infra/runtime/sleep.ts';
import { connectorStatus, resumeConnector, stopConnector, type ConnectorAddress } from './status.ts';

const STOP_DEADLINE_MS = 30_000;
const POLL_MS = 50;

/**
 * Stops the connector, which records its place, and lets it go on whatever comes of the work.
 * @throws LedgerflowError LF_CONNECTOR_FAILED when it does not stop; what `work` throws
 */
export async function whileStopped<T>(address: ConnectorAddress, work: () => Promise<T>): Promise<T> {
  await stopConnector(address);
  try {
    const deadline = performance.now() + STOP_DEADLINE_MS;
    for (;;) {
      const { state, tasks } = await connectorStatus(address);
      if (state === 'STOPPED' && tasks.length === 0) break;
      if (performance.now() > deadline)
        throw new LedgerflowError('LF_CONNECTOR_FAILED', `the connector does not stop: ${state}`, { where: address.connectorName });
      await sleep(POLL_MS, address.signal);
    }
    return await work();
  } finally {
    await resumeConnector(address);
  }
}
