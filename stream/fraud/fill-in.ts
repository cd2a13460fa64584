// Puts values into the SQL of rules and features: parameters as literals, and frames of window functions as ranges of ticks.

import { parameterSql, windowMinutes, type ParameterValue } from './parameter.ts';
import { TICKS_PER_US } from './scope.ts';

const US_PER_MINUTE = 60_000_000n;

/** A window as a difference of ticks. */
export function windowTicks(name: string, values: ReadonlyMap<string, ParameterValue>): bigint {
  return BigInt(Math.round(windowMinutes(name, values.get(name) ?? 0))) * US_PER_MINUTE * TICKS_PER_US;
}

export function fillIn(sql: string, values: ReadonlyMap<string, ParameterValue>): string {
  const ticks = (name: string): bigint => windowTicks(name, values);
  // A row's tick is that of its instant plus its tie: a bound counts from the instant, and both ends are open.
  const from = (name: string): string => `(${ticks(name) - TICKS_PER_US}::BIGINT + tie) PRECEDING`;
  return sql
    .replaceAll('$ticks_a_second', `${1_000_000n * TICKS_PER_US}::BIGINT`)
    .replaceAll(/\$before\((\w+)\)/g, (_, name: string) => `RANGE BETWEEN ${from(name)} AND 1 PRECEDING`)
    .replaceAll(/\$until\((\w+)\)/g, (_, name: string) => `RANGE BETWEEN ${from(name)} AND CURRENT ROW`)
    .replaceAll(
      /\$between\((\w+), (\w+)\)/g,
      (_, name: string, to: string) => `RANGE BETWEEN ${from(name)} AND (${ticks(to) - TICKS_PER_US + 1n}::BIGINT + tie) PRECEDING`,
    )
    .replaceAll(
      /\$within\((\w+)\)/g,
      (_, name: string) => `e.tick BETWEEN t.tick - (${ticks(name) - TICKS_PER_US}::BIGINT + t.tie) AND t.tick`,
    )
    .replaceAll(/\$ticks\((\w+)\)/g, (_, name: string) => `${ticks(name)}::BIGINT`)
    .replaceAll(/\$([a-z_0-9]+)/g, (_, name: string) => parameterSql(values.get(name) ?? 0));
}
