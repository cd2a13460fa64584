// Fraud joined to the processor: alerts to their topic; lists, work on alerts and backtests through the control door.

import { createKafka } from '../../cdc/kafka/client.ts';
import type { ControlCommand } from '../../infra/runtime/control.ts';
import type { Task } from '../../infra/runtime/lifecycle.ts';
import type { Log } from '../../infra/runtime/log.ts';
import type { Metrics } from '../../infra/runtime/metrics.ts';
import type { Config } from '../../infra/runtime/settings.ts';
import type { StoreHandle } from '../../lake/store/open.ts';
import { runAlertTopic } from '../../stream/fraud/alerts/alert-topic.ts';
import { backtestCommands } from '../../stream/fraud/backtest/commands.ts';
import { caseCommands } from '../../stream/fraud/cases/commands.ts';
import { CaseDesk } from '../../stream/fraud/cases/desk.ts';
import { fraudCommands } from '../../stream/fraud/commands.ts';
import { loadRules } from '../../stream/fraud/rule-file.ts';
import type { Wakeup } from '../../stream/processor/wakeup.ts';

export interface FraudContext {
  readonly config: Config;
  readonly store: StoreHandle;
  readonly log: Log;
  readonly metrics: Metrics;
  readonly alerted: Wakeup;
}

export interface RunningFraud extends AsyncDisposable {
  readonly commands: readonly ControlCommand[];
  readonly task: Task;
}

export async function openFraud({ config, store, log, metrics, alerted }: FraudContext): Promise<RunningFraud> {
  const [lists, topic] = [await store.connect(), await store.connect()];
  const rules = loadRules();
  const desk = await CaseDesk.open({ connection: await store.connect(), epoch: store.state.epoch, now: () => new Date() });
  const kafka = createKafka(config.kafkaBrokers ?? '', { clientId: 'ledgerflow-alerts' });
  const onProduced = (alerts: number): void => metrics.fraudProduced.inc(alerts);
  return {
    commands: [
      ...fraudCommands({ connection: lists, rules: rules.map(({ header }) => header.rule) }),
      ...caseCommands(desk),
      ...backtestCommands(() => store.connect(), rules),
    ],
    task: {
      name: 'fraud alerts',
      run: (stop) => runAlertTopic({ kafka, registryUrl: config.registryUrl, connection: topic, wakeup: alerted, onProduced, log }, stop),
    },
    [Symbol.asyncDispose]: async () => {
      await desk[Symbol.asyncDispose]();
      lists.closeSync();
      topic.closeSync();
    },
  };
}
