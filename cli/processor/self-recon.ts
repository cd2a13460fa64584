// The pipeline's reconciliation of itself joined to the processor: MySQL with the service's login, Kafka, reading sessions of its own.

import { createKafka } from '../../cdc/kafka/client.ts';
import { withAdmin } from '../../cdc/kafka/topic-info.ts';
import type { ControlCommand } from '../../infra/runtime/control.ts';
import type { Config } from '../../infra/runtime/settings.ts';
import type { StoreHandle } from '../../lake/store/open.ts';
import { VerifySessions } from '../../lake/verify/sessions.ts';
import type { Job } from '../../stream/jobs/job.ts';
import type { JobRunner } from '../../stream/jobs/runner.ts';
import { selfCommands } from '../../stream/recon/self/commands.ts';
import { kafkaReader } from '../../stream/recon/self/kafka.ts';
import { selfJob, type SelfRequest } from '../../stream/recon/self/self-job.ts';
import { bankSource } from '../verify/bank-source.ts';

const LIMITS = { sessionsMax: 2, sessionMsMax: 900_000 };
const WAIT_MS = 60_000;
/** Rows a second that are read from MySQL, at most. */
const THROTTLE_ROWS = 500_000;

export interface SelfRecon {
  readonly job: Job;
  commands(runner: JobRunner): readonly ControlCommand[];
}

export function openSelfRecon({ config, store }: { readonly config: Config; readonly store: StoreHandle }): SelfRecon {
  const requests = new Map<number, SelfRequest>();
  const { registryUrl } = config;
  const job = selfJob(
    {
      source: {
        snapshot: () => bankSource(config, { throttleRows: THROTTLE_ROWS, purpose: 'recon' }).snapshot(),
      },
      connect: () => store.connect(),
      sessions: new VerifySessions(() => store.connect(), LIMITS),
      withKafka: (work) => {
        const brokers = config.kafkaBrokers ?? '';
        return withAdmin(brokers, (admin) => work(kafkaReader(createKafka(brokers, { clientId: 'ledgerflow-recon' }), admin)));
      },
      readable: registryUrl === undefined,
      ...{ throttleRows: THROTTLE_ROWS, waitMs: WAIT_MS, now: () => new Date() },
    },
    requests,
  );
  return { job, commands: (runner) => selfCommands({ runner, requests, connect: () => store.connect() }) };
}
