// Parameters of rules: declared in the header with type, default and meaning, put into the SQL as literals.

import { LedgerflowError } from '../../infra/runtime/errors.ts';
import { literal } from '../../infra/runtime/sql-text.ts';

/** A list is for IN (…). */
export type ParameterValue = number | readonly string[];

export interface Parameter {
  readonly name: string;
  readonly type: 'integer' | 'number' | 'list';
  readonly value: ParameterValue;
  readonly about: string;
}

const LINE = /^-- param ([a-z][a-z0-9_]*) (integer|number|list) = ([^:]+): (.{5,})$/;

/** `-- param NAME TYPE = DEFAULT: meaning`; null: the line is something else. */
export function parseParameter(line: string): Parameter | null {
  const [, name, type, value, about] = LINE.exec(line) ?? [];
  if (name === undefined || about === undefined || value === undefined) return null;
  const declared = { name, type: type as Parameter['type'], value: 0, about };
  return { ...declared, value: valueOf(declared, value) };
}

/** @throws LedgerflowError LF_FRAUD_PARAMETER */
export function valueOf({ name, type }: Pick<Parameter, 'name' | 'type'>, text: string): ParameterValue {
  if (type === 'list') return text.split(',').map((item) => item.trim());
  const value = Number(text);
  const valid = text.trim() !== '' && Number.isFinite(value) && value >= 0 && (type === 'number' || Number.isInteger(value));
  if (!valid)
    throw new LedgerflowError(
      'LF_FRAUD_PARAMETER',
      `${name} must be ${type === 'integer' ? 'a whole number' : 'a number'} from 0, not ${text}`,
    );
  return value;
}

/** The values a run uses: defaults, and what is set otherwise. @throws LedgerflowError LF_FRAUD_PARAMETER for a name the rule does not have */
export function chosenValues(
  parameters: readonly Parameter[],
  set: ReadonlyMap<string, ParameterValue> = new Map(),
): ReadonlyMap<string, ParameterValue> {
  const unknown = [...set.keys()].find((name) => !parameters.some((parameter) => parameter.name === name));
  if (unknown !== undefined)
    throw new LedgerflowError(
      'LF_FRAUD_PARAMETER',
      `there is no parameter ${unknown}; there are ${parameters.map(({ name }) => name).join(', ')}`,
    );
  return new Map(parameters.map(({ name, value }) => [name, set.get(name) ?? value]));
}

const MINUTES: Readonly<Record<string, number>> = { minutes: 1, hours: 60, days: 1_440 };

/** Minutes of a window, by the unit that its parameter's name ends in. */
export function windowMinutes(name: string, value: ParameterValue): number {
  return Number(value) * (MINUTES[name.slice(name.lastIndexOf('_') + 1)] ?? 1);
}

export function parameterSql(value: ParameterValue): string {
  return typeof value === 'number' ? String(value) : `(${value.map(literal).join(', ')})`;
}

export function parameterText(value: ParameterValue): string {
  return typeof value === 'number' ? String(value) : value.join(', ');
}
