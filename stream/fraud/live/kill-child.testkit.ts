// A process with a store and the fraud job: commits seeded movements and evaluates them until its fault point kills it or all are evaluated.

import { existsSync } from 'node:fs';
import { armFaultPoint } from '../../../infra/runtime/fault-point.ts';
import { ruleNamed } from '../testkit.ts';
import { FraudStand, FraudWorld } from './job-testkit.ts';

const [file = '', point = ''] = process.argv.slice(2);
const RULES = ['velocity_count', 'card_testing', 'rapid_in_out', 'duplicate_charge'].map(ruleNamed);
const COMMITS = 3;
const MOVEMENTS = 16;
/** The first commit has the accounts and merchants. */
const FIRST = 1;

const world = new FraudWorld(11);
const commits = Array.from({ length: COMMITS }, () => world.movements(MOVEMENTS));
await using stand = existsSync(file) ? await FraudStand.reopen(file, RULES) : await FraudStand.open(RULES, undefined, file);
armFaultPoint(point === '' ? undefined : point);
await stand.settle();
for (let next = stand.store.commitId - FIRST; next < COMMITS; next += 1) await stand.play(commits[next]!);
process.stdout.write(
  JSON.stringify({
    alerts: await stand.rows(
      'SELECT alert_id, rule_id, transaction_id, observed FROM gold.fraud_alerts WHERE withdrawn_commit IS NULL ORDER BY 1',
    ),
    twice: await stand.rows('SELECT count(*) - count(DISTINCT alert_id), count(*) - count(DISTINCT alert_seq) FROM gold.fraud_alerts'),
    decisions: await stand.rows('SELECT transaction_id, decision, score, rules FROM gold.fraud_decisions ORDER BY 1'),
    features: await stand.rows('SELECT * EXCLUDE (commit_id, gtid) FROM gold.fraud_features ORDER BY transaction_id'),
    history: await stand.rows('SELECT count(*), count(DISTINCT transaction_id) FROM ops.fraud_history'),
  }),
);
