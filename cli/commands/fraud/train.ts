// `ledgerflow fraud train` and `ledgerflow fraud score`: a score on top of the rules, learned from labelled transactions, as a file.

import type { Command } from 'commander';
import { writeFileAtomic } from '../../../infra/runtime/atomic-file.ts';
import { inMemory, readSource } from '../../../stream/fraud/evaluate/run.ts';
import { loadFeatures } from '../../../stream/fraud/features.ts';
import { hashOf, modelText, readModel, type RunRecord } from '../../../stream/fraud/score/model.ts';
import { scoreFile, type TopScore } from '../../../stream/fraud/score/score-file.ts';
import { train } from '../../../stream/fraud/score/train.ts';
import { chosenRuns } from '../../processor/fraud-rules.ts';
import { whole } from '../../support/arguments.ts';
import { printJson, printLine } from '../../support/output.ts';
import { renderPairs, renderTable } from '../../support/table.ts';
import { productVersion } from '../../support/version.ts';
import { sourceOf, sourceOptions, type SourceOptions } from './evaluate.ts';

const TRAIN_HELP = `
Boosted trees over the features of the live job and the rules' hits. Time decides the parts: the first 60 % of the transactions grow the trees, the
next 20 % fit the curve that makes probabilities of odds, the last 20 % measure. The file holds the trees and the record of the run: range, feature
set, rules, parameters, figures, and a hash over all of it. The rules decide without it; a score only ranks.

Examples:
  $ ledgerflow fraud train --generated world --out score.json
  $ ledgerflow fraud train --transactions cards.csv --label is_fraud --map event_ts=when --map account_id=card --out score.json`;

const SCORE_HELP = `
Each transaction is shown with what moves its odds: features and rules with what they add to the logarithm of the odds.

Example:
  $ ledgerflow fraud score --model score.json --generated world --top 20`;

interface TrainOptions extends SourceOptions {
  readonly out: string;
  readonly trees?: number;
  readonly depth?: number;
  readonly json?: boolean;
}

interface ScoreOptions extends SourceOptions {
  readonly model: string;
  readonly top: number;
  readonly json?: boolean;
}

export function registerTrain(fraud: Command): void {
  sourceOptions(fraud.command('train').description('Learn a score from labelled transactions, with the record of the run.'))
    .requiredOption('--out <file>', 'where the score is written')
    .option('--trees <n>', 'number of trees', whole)
    .option('--depth <n>', 'questions one after the other in a tree', whole)
    .option('--json', 'print the record as JSON')
    .addHelpText('after', TRAIN_HELP)
    .action(runTrain);
  sourceOptions(fraud.command('score').description('Measure a trained score on other labelled transactions, and explain the highest.'))
    .requiredOption('--model <file>', 'a score written by fraud train')
    .option('--top <n>', 'the highest so many', whole, 10)
    .option('--json', 'print one JSON object')
    .addHelpText('after', SCORE_HELP)
    .action(runScore);
}

async function runTrain({ out, trees, depth, json, ...from }: TrainOptions): Promise<void> {
  const source = sourceOf(from);
  const options = { ...(trees === undefined ? {} : { trees }), ...(depth === undefined ? {} : { depth }) };
  const request = { runs: chosenRuns(undefined), features: loadFeatures(), options, code: productVersion(), now: new Date() };
  const model = await inMemory(async (connection) => {
    await readSource(connection, source);
    return train(connection, { ...request, source: source.kind === 'file' ? source.path : source.directory });
  });
  await writeFileAtomic(out, modelText(model));
  if (json === true) printJson({ file: out, hash: hashOf(model), ...model.record });
  else printLine(`${recordText(model.record)}\n\nwrote ${out} (sha256 ${hashOf(model)})`);
}

function recordText({ split, rows, metrics, featureSet, rules }: RunRecord): string {
  const share = (value: number): string => value.toFixed(3);
  const { score, rules: byRules } = metrics;
  const line = (name: string, of: typeof score): string[] => [
    ...[name, String(of.rows), String(of.frauds), share(of.averagePrecision), share(of.averagePrecisionCustomerDays)],
    `${of.cardPrecision100.toFixed(4)} of ${of.cardPrecision100Best.toFixed(4)}`,
  ];
  const heads = ['measured on the last part', 'transactions', 'frauds', 'average precision', 'by customer and day', 'CP@100'].map(
    (name) => ({ name }),
  );
  return [
    renderPairs([
      ['trained on', `${split.from} to ${split.calibrate}: ${rows.train} transactions, ${rows.trainFrauds} frauds`],
      ['calibrated on', `${split.calibrate} to ${split.test}: ${rows.calibrate} transactions, ${rows.calibrateFrauds} frauds`],
      ['measured on', `${split.test} to ${split.to}`],
      ['made of', `feature set ${featureSet}, ${Object.keys(rules).length} rules`],
    ]),
    '',
    renderTable(heads, [line('score', score), line('rules alone', byRules)]),
    '',
    reliabilityText(metrics.reliability),
  ].join('\n');
}

function reliabilityText(lines: RunRecord['metrics']['reliability']): string {
  const rows = lines.map(({ from, rows: count, predicted, observed }) => [
    `from ${from}`,
    String(count),
    predicted.toFixed(4),
    observed.toFixed(4),
  ]);
  return renderTable(
    [{ name: 'probability' }, ...['transactions', 'predicted', 'came true'].map((name) => ({ name, align: 'right' as const }))],
    rows,
  );
}

async function runScore({ model: file, top, json, ...from }: ScoreOptions): Promise<void> {
  const model = await readModel(file);
  const source = sourceOf(from);
  const scored = await inMemory(async (connection) => {
    await readSource(connection, source);
    return scoreFile(connection, { model, runs: chosenRuns(undefined), features: loadFeatures(model.record.featureSet), top });
  });
  if (json === true) {
    printJson(scored);
    return;
  }
  const { score, rules, reliability } = scored.metrics;
  printLine(`${score.rows} transactions, ${score.frauds} labelled as fraud`);
  printLine(
    `average precision ${score.averagePrecision.toFixed(3)} (rules alone ${rules.averagePrecision.toFixed(3)}), by customer and day ${score.averagePrecisionCustomerDays.toFixed(3)} (${rules.averagePrecisionCustomerDays.toFixed(3)})\n`,
  );
  printLine(
    `${reliabilityText(reliability)}\n\n${renderTable(
      ['transaction', 'customer', 'day', 'fraud', 'probability', 'because'].map((name) => ({ name })),
      scored.top.map(topRow),
    )}`,
  );
}

function topRow({ transactionId, holder, day, fraud, probability, reasons }: TopScore): string[] {
  const why = reasons.slice(0, 4).map(({ feature, adds }) => `${feature} +${adds.toFixed(1)}`);
  return [transactionId, holder, day, fraud ? 'yes' : 'no', probability.toFixed(3), why.join(', ')];
}
