// The settings of the PostgreSQL endpoint (part of settings.ts).

import { z } from 'zod';
import { port, positive, setting } from './setting.ts';

const wireUser = z.strictObject({
  user: z.string().min(1),
  password: z.string().min(1),
  connectionsMax: positive.optional(),
  concurrencyMax: positive.optional(),
  rowsMax: positive.optional(),
  statementTimeoutMs: positive.optional(),
});

/** The environment holds the list as JSON text, the configuration file as a list. Text that is no JSON stays text, which is no list. */
function parsed(value: unknown): unknown {
  if (typeof value !== 'string') return value;
  try {
    return JSON.parse(value);
  } catch {
    return value;
  }
}

export const WIRE_SETTINGS = {
  wireHost: setting('LEDGERFLOW_WIRE_HOST', z.string().default('127.0.0.1'), 'Address the PostgreSQL endpoint listens on.'),
  wirePort: setting('LEDGERFLOW_WIRE_PORT', port.default(5433), 'Preferred port of the PostgreSQL endpoint.'),
  wireUser: setting('LEDGERFLOW_WIRE_USER', z.string().default('ledgerflow'), 'User of the PostgreSQL endpoint.'),
  wirePassword: setting(
    'LEDGERFLOW_WIRE_PASSWORD',
    z.string().optional(),
    'Password of the PostgreSQL endpoint (default: made at first start and kept in the home folder).',
    true,
  ),
  wireStatementTimeoutMs: setting(
    'LEDGERFLOW_WIRE_STATEMENT_TIMEOUT_MS',
    positive.default(30_000),
    'A statement running longer than this is cancelled.',
  ),
  wireMinGtidTimeoutMs: setting(
    'LEDGERFLOW_WIRE_MIN_GTID_TIMEOUT_MS',
    positive.default(5_000),
    'How long `SET ledgerflow.min_gtid` waits at most until gold includes the write.',
  ),
  wireRowsMax: setting('LEDGERFLOW_WIRE_ROWS_MAX', positive.default(1_000_000), 'A result with more rows than this is refused.'),
  wireConcurrencyMax: setting('LEDGERFLOW_WIRE_CONCURRENCY_MAX', positive.default(8), 'Statements running at once; more wait in line.'),
  wireConnectionsMax: setting('LEDGERFLOW_WIRE_CONNECTIONS_MAX', positive.default(64), 'Open client connections; more are refused.'),
  wireUsers: setting(
    'LEDGERFLOW_WIRE_USERS',
    z.preprocess(parsed, z.array(wireUser).default([])),
    'More users of the PostgreSQL endpoint with limits of their own: a JSON list of {user, password, connectionsMax, concurrencyMax, rowsMax, statementTimeoutMs}.',
    true,
  ),
  wireTls: setting(
    'LEDGERFLOW_WIRE_TLS',
    z.enum(['off', 'on', 'required']).default('off'),
    'on: the PostgreSQL endpoint offers TLS; required: it also refuses clients of other machines without it. Without a certificate of yours a self-signed one is made in the home folder.',
  ),
  wireTlsCert: setting(
    'LEDGERFLOW_WIRE_TLS_CERT',
    z.string().optional(),
    'PEM file of the certificate (with its chain) of the PostgreSQL endpoint.',
  ),
  wireTlsKey: setting('LEDGERFLOW_WIRE_TLS_KEY', z.string().optional(), 'PEM file of the private key that belongs to it.'),
} as const;
