// A rule: one .sql file in rules/, a header checked by zod, and a SELECT over fraud_transactions that returns the movements it finds.
// The SELECT knows its parameters ($name) and frames of window functions ordered by `tick`, named by window parameters: $before(w) is the
// last w without the row itself, $until(w) the same with it, $between(w, v) what was longer ago than v. $ticks(w) is w as a difference of ticks.
// $within(w) is for evidence: the movement e is not behind the trigger t and at most w before it.

import { readFileSync, readdirSync } from 'node:fs';
import path from 'node:path';
import { z } from 'zod';
import { LedgerflowError } from '../../infra/runtime/errors.ts';
import { CANONICAL_NAMES, type CanonicalColumn } from './canonical.ts';
import { parseParameter, windowMinutes, type Parameter, type ParameterValue } from './parameter.ts';

export const SEVERITIES = ['low', 'medium', 'high', 'critical'] as const;
export type FraudSeverity = (typeof SEVERITIES)[number];

/** `KEY = EXPRESSION in WINDOW having CONDITION`: aggregates over movements h with that key before the movement t, as far back as the window. */
export interface Prior {
  readonly key: 'customer_id' | 'account';
  /** Over t. */
  readonly of: string;
  readonly window: string;
  readonly having: string;
}
const PRIOR = /^(customer_id|account) = (.+?) in (\w+_(?:minutes|hours|days)) having (.+)$/;

const names = z.string().transform((text) => text.split(',').map((name) => name.trim()));

export const ruleHeaderSchema = z.strictObject({
  rule: z.string().regex(/^[a-z][a-z0-9_]*$/),
  version: z.coerce.number().int().min(1),
  /** Only active rules alert and decide; shadow rules run beside them; draft and retired ones do not run. */
  status: z.enum(['draft', 'shadow', 'active', 'retired']),
  severity: z.enum(SEVERITIES),
  /** What it adds to the score of a movement; the sum is capped at 100. */
  score: z.coerce.number().int().min(1).max(100),
  entity: z.enum(['customer', 'account', 'merchant', 'device']),
  /** Columns without which it cannot say anything. */
  needs: names.pipe(z.array(z.enum(CANONICAL_NAMES as [CanonicalColumn, ...CanonicalColumn[]])).min(1)),
  /** Parameters that say how far it looks back; their sum is what it must be given. */
  windows: names.pipe(z.array(z.string().regex(/^\w+_(minutes|hours|days)$/)).min(1)),
  /** What a movement must be for the rule to find it: SQL over its row. A rule without such movements does not run. */
  when: z.string().min(5),
  /** What else an alert names, one condition a line: see evidence.ts. */
  evidence: z
    .string()
    .transform((text) => text.split('\n'))
    .optional(),
  /** What is known of the movement's past (features) when the rule finds it: SQL over its row and features. Spares the live job most evaluations. */
  screen: z.string().min(5).optional(),
  /** What earlier movements of the same customer or account must be when the rule finds one: see live/prior.ts. Spares evaluations as well. */
  prior: z
    .string()
    .regex(PRIOR)
    .transform((text): Prior => {
      const [, key, of, window, having] = PRIOR.exec(text)!; // it matches
      return { key: key as Prior['key'], of: of!, window: window!, having: having! };
    })
    .optional(),
  description: z.string().min(20),
  explanation: z.string().min(20),
});
export type RuleHeader = z.infer<typeof ruleHeaderSchema>;

export interface FraudRule {
  readonly header: RuleHeader;
  readonly parameters: readonly Parameter[];
  /** SELECT entity_id, trigger_id, observed (a STRUCT). */
  readonly sql: string;
}

/** @throws LedgerflowError LF_FRAUD_RULE naming what is wrong */
export function parseRule(file: string, text: string): FraudRule {
  const fail = (problem: string): LedgerflowError =>
    new LedgerflowError('LF_FRAUD_RULE', `the rule file is not valid: ${problem}`, { where: `stream/fraud/rules/${file}.sql` });
  const fields: Record<string, string> = {};
  const parameters: Parameter[] = [];
  const body: string[] = [];
  for (const line of text.split('\n')) {
    const field = body.length > 0 ? null : /^-- ([a-z]+): (.*)$/.exec(line);
    const parameter = body.length > 0 ? null : parseParameter(line);
    if (parameter !== null) parameters.push(parameter);
    else if (field !== null) addField(fields, field[1] ?? '', field[2] ?? '');
    else if (line.trim() !== '' || body.length > 0) body.push(line);
  }
  const parsed = ruleHeaderSchema.safeParse(fields);
  if (!parsed.success) throw fail(parsed.error.issues.map((issue) => `${issue.path.join('.')}: ${issue.message}`).join('; '));
  const rule = { header: parsed.data, parameters, sql: body.join('\n').trim() };
  const problem = problemOf(file, rule);
  if (problem !== null) throw fail(problem);
  return rule;
}

/** Evidence may stand several times. */
function addField(fields: Record<string, string>, name: string, value: string): void {
  fields[name] = name === 'evidence' && fields[name] !== undefined ? `${fields[name]}\n${value}` : value;
}

function problemOf(file: string, { header, parameters, sql }: FraudRule): string | null {
  const known = new Set(parameters.map(({ name }) => name));
  if (file !== header.rule && file !== `${header.rule}@${header.version}`) return 'its name and its file name differ';
  if (sql === '') return 'it has no SELECT';
  const evidence = header.evidence?.join(' ') ?? '';
  const missing = [
    ...`${header.when} ${header.screen ?? ''} ${header.prior?.having ?? ''} ${evidence} ${sql}`.matchAll(
      /\$(?!(?:before|until|between|within|ticks)\b)([a-z_0-9]+)/g,
    ),
  ]
    .map(([, name]) => name ?? '')
    .find((name) => !known.has(name));
  if (missing !== undefined) return `$${missing} is not declared`;
  const unread = parameters.find(({ name }) => !new RegExp(`\\b${name}\\b`).test(sql) && !header.windows.includes(name));
  if (unread !== undefined) return `the parameter ${unread.name} is not used`;
  const window = [...header.windows, ...(header.prior === undefined ? [] : [header.prior.window])].find((name) => !known.has(name));
  return window === undefined ? null : `windows: ${window} is not a parameter`;
}

/** All versions of all rules: `rule.sql`, and `rule@version.sql` for one beside it. @throws LedgerflowError LF_FRAUD_RULE */
export function loadRules(folder: string = path.join(import.meta.dirname, 'rules')): FraudRule[] {
  const files = readdirSync(folder).filter((file) => file.endsWith('.sql'));
  const rules = files.sort().map((file) => parseRule(file.replace(/\.sql$/, ''), readFileSync(path.join(folder, file), 'utf8')));
  const active = rules.filter(({ header }) => header.status === 'active').map(({ header }) => header.rule);
  const twice = active.find((rule, index) => active.indexOf(rule) !== index);
  if (twice !== undefined)
    throw new LedgerflowError('LF_FRAUD_RULE', `two versions of ${twice} are active`, { where: 'stream/fraud/rules' });
  return rules;
}

/** Minutes of history before a movement that the rule looks at. */
export function lookbackMinutes({ header, parameters }: FraudRule, set: ReadonlyMap<string, ParameterValue> = new Map()): number {
  const minutes = header.windows.map((name) => {
    const value = set.get(name) ?? parameters.find((parameter) => parameter.name === name)?.value ?? 0;
    return windowMinutes(name, value);
  });
  return minutes.reduce((sum, value) => sum + value, 0);
}

/** Minutes of the longest window that is named. */
export function lookbackOf(of: readonly { readonly window: string }[], values: ReadonlyMap<string, ParameterValue>): number {
  return Math.max(0, ...of.map(({ window }) => windowMinutes(window, values.get(window) ?? 0)));
}
