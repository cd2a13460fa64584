// Which tables the registered connector leaves out, and how far what it sent is recorded.

import { LedgerflowError } from '../../infra/runtime/errors.ts';
import { gtidSetContains, parseGtidSet, type Gtid } from '../position.ts';
import { EXCLUDED_TABLES } from './config.ts';
import { callConnect, connectorPath, messageIn } from './rest.ts';
import type { ConnectorAddress } from './status.ts';

/** @returns null when there is no such connector. @throws LedgerflowError LF_CONNECT_UNREACHABLE */
export async function registeredConfig(address: ConnectorAddress): Promise<Readonly<Record<string, string>> | null> {
  const answer = await callConnect(address, 'GET', connectorPath(address.connectorName, '/config'));
  if (answer.status === 404) return null;
  if (answer.status !== 200)
    throw new LedgerflowError('LF_CONNECT_UNREACHABLE', `Kafka Connect cannot tell the configuration: ${messageIn(answer)}`);
  return answer.body as Record<string, string>;
}

/** Tables that a configuration leaves out, besides those that are never captured. */
export function leftOut(config: Readonly<Record<string, string>>, database: string): string[] {
  const names = (config['table.exclude.list'] ?? '').split(',').map((pattern) => pattern.replace(/\\(.)/g, '$1'));
  const own = names.filter((name) => name.startsWith(`${database}.`)).map((name) => name.slice(database.length + 1));
  return own.filter((table) => !EXCLUDED_TABLES.includes(table));
}

interface RawOffsets {
  readonly offsets?: readonly { readonly offset: { readonly gtids?: string; readonly snapshot?: unknown } }[];
}

/** A restart of the connector begins behind this transaction. @throws LedgerflowError LF_CONNECT_UNREACHABLE */
export async function hasRecorded(address: ConnectorAddress, gtid: Gtid): Promise<boolean> {
  const answer = await callConnect(address, 'GET', connectorPath(address.connectorName, '/offsets'));
  if (answer.status !== 200) return false;
  const { offsets = [] } = answer.body as RawOffsets;
  return offsets.some(({ offset }) => typeof offset.gtids === 'string' && gtidSetContains(parseGtidSet(offset.gtids), gtid));
}
