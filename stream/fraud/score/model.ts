// A trained score as a file: the trees, the curve, and the record of the run that made it. The hash is over all of it.

import { createHash } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import { z } from 'zod';
import { LedgerflowError, messageOf } from '../../../infra/runtime/errors.ts';
import { probability } from './calibrate.ts';
import { explain, type TreeNode } from './trees.ts';

const nodeSchema: z.ZodType<TreeNode> = z.lazy(() =>
  z.union([
    z.strictObject({
      ...{ value: z.number(), feature: z.number().int().min(0), threshold: z.number(), missingLeft: z.boolean() },
      ...{ left: nodeSchema, right: nodeSchema },
    }),
    z.strictObject({ value: z.number() }),
  ]),
);
const metricsSchema = z.object({
  ...{ rows: z.number(), frauds: z.number(), averagePrecision: z.number(), averagePrecisionCustomerDays: z.number() },
  ...{ cardPrecision100: z.number(), cardPrecision100Best: z.number() },
});
const reliabilitySchema = z.object({ from: z.number(), rows: z.number(), predicted: z.number(), observed: z.number() });

const recordSchema = z.object({
  format: z.literal(1),
  trainedAt: z.iso.datetime(),
  code: z.string(),
  /** What was read. */
  source: z.string(),
  featureSet: z.string(),
  /** Rules whose hits are features, with their versions. */
  rules: z.record(z.string(), z.number().int()),
  /** Instants between the parts: rows before `calibrate` train, from there to `test` they calibrate, from there on they measure. */
  split: z.object({ from: z.string(), calibrate: z.string(), test: z.string(), to: z.string() }),
  rows: z.object({ train: z.number(), trainFrauds: z.number(), calibrate: z.number(), calibrateFrauds: z.number() }),
  parameters: z.record(z.string(), z.number()),
  /** On the last part, which neither trees nor curve have seen; `rules`: the capped sum of the rules' scores there. */
  metrics: z.object({ score: metricsSchema, rules: metricsSchema, reliability: z.array(reliabilitySchema) }),
});
export type RunRecord = z.infer<typeof recordSchema>;

const modelSchema = z.object({
  record: recordSchema,
  features: z.array(z.string()),
  forest: z.object({ base: z.number(), trees: z.array(nodeSchema) }),
  curve: z.object({ slope: z.number(), offset: z.number() }),
});
export type Model = z.infer<typeof modelSchema>;
const fileSchema = modelSchema.extend({ hash: z.string() });

/** SHA-256 of the model as JSON, in the order of its declaration. */
export function hashOf(model: Model): string {
  return createHash('sha256')
    .update(JSON.stringify(modelSchema.parse(model)))
    .digest('hex');
}

export function modelText(model: Model): string {
  return `${JSON.stringify({ ...model, hash: hashOf(model) })}\n`;
}

/** @throws LedgerflowError LF_FRAUD_MODEL when the file is none, or was changed */
export async function readModel(file: string): Promise<Model> {
  try {
    const { hash, ...model } = fileSchema.parse(JSON.parse(await readFile(file, 'utf8')));
    if (hashOf(model) !== hash) throw new Error('its hash is not that of its content');
    return model;
  } catch (error) {
    throw new LedgerflowError('LF_FRAUD_MODEL', `this is no trained score: ${messageOf(error)}`, { where: file, cause: error });
  }
}

export interface Scored {
  readonly probability: number;
  /** Features by what they add to the log odds, greatest first. */
  readonly reasons: readonly { readonly feature: string; readonly adds: number }[];
}

const ADDS_MIN = 0.05;

/** Scores a row of numbers in the order of `model.features`; NaN: not known. */
export function scoreRow({ forest, curve, features }: Model, row: ArrayLike<number>): Scored {
  const { margin, contributions } = explain(forest, row);
  const reasons = [...contributions.entries()]
    .map(([index, adds]) => ({ feature: features[index]!, adds: adds * curve.slope }))
    .filter(({ adds }) => adds > ADDS_MIN)
    .sort((a, b) => b.adds - a.adds);
  return { probability: probability(curve, margin), reasons };
}
