// What is wrong with the connector, by name: Debezium's message says it in words, we say it as a code with a command that recovers.

import { LedgerflowError } from '../../infra/runtime/errors.ts';
import type { ErrorCode } from '../../infra/runtime/error-codes.ts';
import type { ConnectorStatus } from './status.ts';

/** Messages of Debezium 3.6 and of MySQL, most telling first. */
const CAUSES: readonly (readonly [RegExp, ErrorCode])[] = [
  [/schema history topic.*(missing|not exist|unable to recover)|history topic is missing|db history topic/i, 'LF_SCHEMA_HISTORY_GONE'],
  [
    /trying to read change stream starting at|no longer available on the server|purged|could not find first log file|binlog.*(is )?not available|replicating.*required.*binary logs/i,
    'LF_BINLOG_PURGED',
  ],
];

export interface ProblemPlace {
  readonly connectorName: string;
}

/** @returns null while connector and task run, or are about to */
export function connectorProblem(status: ConnectorStatus, { connectorName }: ProblemPlace): LedgerflowError | null {
  const details = { where: connectorName };
  if (status.state === 'MISSING') return new LedgerflowError('LF_CONNECTOR_MISSING', 'the connector is not registered', details);
  if (status.state === 'PAUSED' || status.state === 'STOPPED') {
    const remedy = 'A person stopped it: `ledgerflow connector resume` goes on.';
    return new LedgerflowError('LF_CONNECTOR_FAILED', `the connector is ${status.state.toLowerCase()}`, { ...details, remedy });
  }
  if (!status.failed) return null;
  const reason = status.reason ?? 'unknown reason';
  const code = CAUSES.find(([pattern]) => pattern.test(reason))?.[1] ?? 'LF_CONNECTOR_FAILED';
  return new LedgerflowError(code, `the connector does not run: ${reason}`, details);
}
