// Settings of the guards: what waits for a person.

import { z } from 'zod';
import { positive, setting } from './setting.ts';

export const GUARD_SETTINGS = {
  guardDeletesMax: setting(
    'LEDGERFLOW_GUARD_DELETES_MAX',
    z.coerce.number().int().min(0).default(10_000),
    'Rows of one table that one transaction may delete, or a TRUNCATE empty, without being asked about (docs/guards.md); 0 asks never.',
  ),
  guardWindowDeletesMax: setting(
    'LEDGERFLOW_GUARD_WINDOW_DELETES_MAX',
    z.coerce.number().int().min(0).default(40_000),
    'Rows of one table that many small transactions may delete within LEDGERFLOW_GUARD_WINDOW_SECONDS without being asked about; 0 asks never.',
  ),
  guardWindowSeconds: setting(
    'LEDGERFLOW_GUARD_WINDOW_SECONDS',
    z.coerce.number().int().min(1).max(86_400).default(60),
    'Seconds of source time over which small deletes of a table are counted together (docs/guards.md).',
  ),
  guardMode: setting(
    'LEDGERFLOW_GUARD_MODE',
    z.enum(['wait', 'flow']).default('wait'),
    'wait: nothing behind a guarded change is taken until it is decided. flow: its tables are held, everything else goes on.',
  ),
  schemaApproval: setting(
    'LEDGERFLOW_SCHEMA_APPROVAL',
    z.enum(['off', 'used', 'all']).default('used'),
    'Schema changes that wait for approval: those that models of gold depend on (used), also those that lose values of other tables (all), or none (off).',
  ),
  outageHoursMax: setting(
    'LEDGERFLOW_OUTAGE_HOURS_MAX',
    positive.default(72),
    'Hours that connector or processor may stand without a new history being needed: `ledgerflow doctor` holds retention against it.',
  ),
};
