import { expect, it } from 'vitest';
import type { ConnectorStatus } from '../../cdc/connector/status.ts';
import { renderConnector } from './connector.ts';

const ADDRESS = { connectUrl: 'http://127.0.0.1:8083', connectorName: 'ledgerflow-bank' };
const RUNNING: ConnectorStatus = {
  state: 'RUNNING',
  reason: null,
  tasks: [{ id: 0, state: 'RUNNING', reason: null }],
  running: true,
  failed: false,
};

function lines(status: ConnectorStatus): string[] {
  return renderConnector(ADDRESS, status).split('\n').slice(2);
}

it('shows the connector and its task', () => {
  expect(lines(RUNNING)).toEqual(['state      RUNNING', 'task 0     RUNNING']);
});

it('shows why a task failed although the connector says RUNNING', () => {
  const tasks = [{ id: 0, state: 'FAILED' as const, reason: 'Access denied' }];
  expect(lines({ ...RUNNING, tasks, running: false, failed: true })).toEqual(['state      RUNNING', 'task 0     FAILED: Access denied']);
});

it('says what to do when it is not registered, and tells a connector without task', () => {
  expect(lines({ ...RUNNING, state: 'MISSING', tasks: [], running: false })).toEqual([
    'state      not registered: run `ledgerflow connector register`',
  ]);
  expect(lines({ ...RUNNING, state: 'FAILED', reason: 'no plugin', tasks: [], running: false, failed: true })).toEqual([
    'state      FAILED: no plugin',
    'tasks      none',
  ]);
});
