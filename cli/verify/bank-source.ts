// The captured MySQL of the settings as a side of a comparison: with the service's login, without the columns of policies.

import { readPolicies } from '../../cdc/privacy/policy-file.ts';
import type { Config } from '../../infra/runtime/settings.ts';
import { mysqlSource, type SourceOptions } from '../../lake/verify/mysql-source.ts';
import type { SourceReader } from '../../lake/verify/ports.ts';
import { bankLogin } from '../bank/bank-login.ts';

/** @throws LedgerflowError LF_NOT_RUNNING, LF_MYSQL_UNREACHABLE, LF_POLICY_FILE */
export function bankSource(config: Config, how: Pick<SourceOptions, 'throttleRows' | 'purpose'>): SourceReader {
  const { excludeTables, home } = config;
  return mysqlSource({ login: bankLogin(config), excludeTables, policies: readPolicies(home), ...how });
}
