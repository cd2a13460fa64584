import { describe, expect, it } from 'vitest';
import { connectorProblem } from './problem.ts';
import type { ConnectorStatus } from './status.ts';

const PLACE = { connectorName: 'ledgerflow-bank' };
const failed = (reason: string): ConnectorStatus => ({ state: 'RUNNING', reason, tasks: [], running: false, failed: true });

describe('what is wrong with the connector', () => {
  it.each([
    [
      'The connector is trying to read change stream starting at position SourceInfo [currentGtid=null], but this is no longer available on the server. Reconfigure the connector to use a snapshot when needed if you want to recover. If not the connector will streaming from the last available position in the log',
      'LF_BINLOG_PURGED',
    ],
    [
      'The connector is trying to read change stream starting at BinlogOffsetContext{sourceInfoSchema=Schema{io.de… (cut off)',
      'LF_BINLOG_PURGED',
    ],
    [
      'Cannot replicate because the source purged required binary logs. Replicate the missing transactions from elsewhere, or provision a new replica from backup. Error code: 1236; SQLSTATE: HY000.',
      'LF_BINLOG_PURGED',
    ],
    ['Could not find first log file name in binary log index file Error code: 1236; SQLSTATE: HY000.', 'LF_BINLOG_PURGED'],
    [
      'The db history topic or its content is fully or partially missing. Please check database schema history topic configuration and re-execute the snapshot.',
      'LF_SCHEMA_HISTORY_GONE',
    ],
    ['The db history topic is missing. You may attempt to recover it by reconfiguring the connector to recovery', 'LF_SCHEMA_HISTORY_GONE'],
    ['Communications link failure', 'LF_CONNECTOR_FAILED'],
  ])('%s', (reason, code) => {
    expect(connectorProblem(failed(reason), PLACE)).toMatchObject({ code, message: `the connector does not run: ${reason}` });
  });

  it('is nothing while it runs or is about to', () => {
    expect(connectorProblem({ ...failed(''), failed: false, running: true }, PLACE)).toBeNull();
    expect(connectorProblem({ ...failed(''), failed: false, state: 'UNASSIGNED' }, PLACE)).toBeNull();
  });

  it('tells a deleted one from one that a person stopped', () => {
    expect(connectorProblem({ ...failed(''), failed: false, state: 'MISSING' }, PLACE)?.toLine()).toMatch(
      /LF_CONNECTOR_MISSING.*connector register/,
    );
    expect(connectorProblem({ ...failed(''), failed: false, state: 'PAUSED' }, PLACE)?.toLine()).toMatch(/paused.*connector resume/);
  });
});
