// What the processor does for proof: comparisons, certificates, promotions of replays.

import type { ControlCommand } from '../../infra/runtime/control.ts';
import type { Metrics } from '../../infra/runtime/metrics.ts';
import type { Config } from '../../infra/runtime/settings.ts';
import type { StoreHandle } from '../../lake/store/open.ts';
import type { VerificationBook } from '../../lake/verify/record.ts';
import { replayCommands } from '../../stream/replay/commands.ts';
import { Promotions, type PromotionsParts } from '../../stream/replay/promotions.ts';
import { certifierOf } from './certifier.ts';
import { replayFiles } from './replay-files.ts';
import { openVerification } from './verification.ts';

export interface ProofParts extends Pick<PromotionsParts, 'processor' | 'refresher'> {
  readonly config: Config;
  readonly store: StoreHandle;
  readonly metrics: Metrics;
}

export interface Proof extends AsyncDisposable {
  readonly commands: readonly ControlCommand[];
  readonly book: VerificationBook;
}

export async function openProof({ config, store, metrics, processor, refresher }: ProofParts): Promise<Proof> {
  const verification = await openVerification(store, metrics, certifierOf(config, store));
  const connection = await store.connect();
  const promotions = await Promotions.open({ connection, refresher, processor, fileOf: (id) => replayFiles(config.home, id).store });
  return {
    commands: [...verification.commands, ...replayCommands(promotions)],
    book: verification.book,
    [Symbol.asyncDispose]: async () => {
      await promotions[Symbol.asyncDispose]();
      await verification[Symbol.asyncDispose]();
    },
  };
}
