// Notifications joined to the processor: its sinks from the settings, its problems as incidents.

import type { Log } from '../../infra/runtime/log.ts';
import type { Metrics } from '../../infra/runtime/metrics.ts';
import type { Config } from '../../infra/runtime/settings.ts';
import type { StoreHandle } from '../../lake/store/open.ts';
import { Notifier } from '../../stream/alerts/notifier.ts';
import { logSink, webhookSink, type Sink } from '../../stream/alerts/sinks.ts';
import type { Problems } from '../../stream/processor/problems.ts';

export interface AlertsContext {
  readonly config: Config;
  readonly store: StoreHandle;
  readonly log: Log;
  readonly metrics: Metrics;
  readonly problems: Problems;
}

export async function openNotifier({ config, store, log, metrics, problems }: AlertsContext): Promise<Notifier> {
  const { alertWebhookUrl: url, alertWebhookInternal } = config;
  const webhooks: Sink[] = url === undefined ? [] : [webhookSink({ url, allowInternal: alertWebhookInternal })];
  return await Notifier.open({
    connection: await store.connect(),
    sinks: [logSink(log), ...webhooks],
    policy: { renotifyMs: config.alertRenotifyMinutes * 60_000, from: config.alertFrom },
    problem: () => problems.line,
    now: () => new Date(),
    onNotice: (sink, state) => metrics.notifications.inc({ sink, state }),
    log,
  });
}
