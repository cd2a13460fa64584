// Rebuilds the connector's schema history from the tables as they are: Debezium's snapshot mode "recovery", once, then the usual one again.
// Right only while no table has changed since the recorded position: the statements between would be read with the wrong shape.

import { callConnect, connectorPath, messageIn } from './rest.ts';
import { registerConnector, type RegisterOptions } from './register.ts';
import type { ConnectorStatus } from './status.ts';
import { LedgerflowError } from '../../infra/runtime/errors.ts';
import { sleep } from '../../infra/runtime/sleep.ts';

/** How long the task must have run in recovery: its snapshot of the shapes takes a second or two. */
const STEADY_MS = 8_000;

/** @throws LedgerflowError LF_CONNECTOR_MISSING, LF_CONNECTOR_FAILED, LF_CONNECT_UNREACHABLE */
export async function recoverSchemaHistory(options: Omit<RegisterOptions, 'config'>): Promise<ConnectorStatus> {
  const answer = await callConnect(options, 'GET', connectorPath(options.connectorName, '/config'));
  if (answer.status === 404)
    throw new LedgerflowError('LF_CONNECTOR_MISSING', 'the connector is not registered', { where: options.connectorName });
  if (answer.status !== 200)
    throw new LedgerflowError('LF_CONNECTOR_FAILED', `Kafka Connect refused: ${messageIn(answer)}`, { where: options.connectorName });
  const { name: _name, ...config } = answer.body as Record<string, string>;
  await registerConnector({ ...options, config: { ...config, 'snapshot.mode': 'recovery' } });
  await sleep(STEADY_MS, options.signal);
  return await registerConnector({ ...options, config });
}
