// The table of an evaluation or a backtest as text. Pure.

import type { Measures, RuleMeasure } from '../../stream/fraud/evaluate/measure.ts';
import { renderTable } from './table.ts';

const right = (name: string): { name: string; align: 'right' } => ({ name, align: 'right' });
const share = (value: number | null): string => (value === null ? '–' : value.toFixed(3));
const count = (value: number): string => value.toFixed(0);

/** Minutes in the unit a person would use. */
export function delayText(minutes: number | null): string {
  if (minutes === null) return '–';
  if (minutes < 1) return `${(minutes * 60).toFixed(0)} s`;
  if (minutes < 120) return `${minutes.toFixed(0)} min`;
  return minutes < 2_880 ? `${(minutes / 60).toFixed(1)} h` : `${(minutes / 1_440).toFixed(1)} d`;
}

const RULE_COLUMNS = [
  { name: 'rule' },
  ...['alerts', 'a day', 'precision', 'recall', 'episodes', 'F1', 'value', 'CP@100', 'delay'].map(right),
];

export function ruleRow(line: RuleMeasure, name = line.rule): string[] {
  return [
    ...[name, count(line.alerts), line.alertsPerDay.toFixed(1), share(line.precision), share(line.recall), share(line.episodeRecall)],
    ...[share(line.f1), share(line.valueCaught), line.cardPrecision100.toFixed(4), delayText(line.delayMinutes)],
  ];
}

export function rulesTable(lines: readonly (readonly string[])[]): string {
  return renderTable(RULE_COLUMNS, lines);
}

export function measuresText(measures: Measures): string {
  const { union, rules, typologies } = measures;
  const byTypology = typologies.map((line) => [
    ...[line.typology, count(line.episodes), count(line.found), share(line.episodeRecall), count(line.transactions), share(line.recall)],
    ...[share(line.valueCaught), delayText(line.delayMinutes), line.by.split(', ').slice(0, 3).join(', ')],
  ]);
  return [
    `${count(measures.transactions)} transactions in ${count(measures.days)} days, ${count(measures.labelled)} labelled as fraud`,
    '',
    rulesTable([...rules.map((line) => ruleRow(line)), ruleRow(union, 'all rules')]),
    '',
    renderTable(
      [
        { name: 'typology' },
        ...['episodes', 'found', 'recall', 'transactions', 'recall', 'value', 'delay'].map(right),
        { name: 'found by' },
      ],
      byTypology,
    ),
    '',
    `all rules: recall ${share(union.recall)} of transactions, ${share(union.episodeRecall)} of episodes, precision ${share(union.precision)} (triggers alone: recall ${share(union.triggerRecall)}, precision ${share(union.triggerPrecision)})`,
    `score of the rules: average precision ${share(measures.averagePrecision)}; Card Precision@100 ${union.cardPrecision100.toFixed(4)} of ${union.cardPrecision100Best.toFixed(4)} possible`,
  ].join('\n');
}
