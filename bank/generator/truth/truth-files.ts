// Ground truth on files: what the generator knows and no part of the pipeline is told. One JSON object a line.

import { writeFileSync } from 'node:fs';
import path from 'node:path';
import type { Witness } from '../history.ts';
import type { SeededWorld } from '../world/population.ts';
import { PLACES } from '../world/places.ts';
import { instantText } from '../write/text.ts';
import type { WorldIds } from '../write/population-rows.ts';
import type { BreakTruth, MatchTruth, StatementTruth } from '../statements/line.ts';
import { LineFile } from './line-file.ts';

export interface TruthOptions {
  readonly directory: string;
  readonly world: SeededWorld;
  readonly ids: WorldIds;
}

/** customers.jsonl at once; the other files as it is told; manifest.json at the end. */
export class TruthFiles implements Witness, StatementTruth {
  readonly #options: TruthOptions;
  readonly #fraud: LineFile;
  readonly #faults: LineFile;
  readonly #matches: LineFile;
  readonly #breaks: LineFile;

  constructor(options: TruthOptions) {
    const { directory } = options;
    this.#options = options;
    writeCustomers(options);
    this.#fraud = new LineFile(path.join(directory, 'fraud.jsonl'));
    this.#faults = new LineFile(path.join(directory, 'faults.jsonl'));
    this.#matches = new LineFile(path.join(directory, 'matches.jsonl'));
    this.#breaks = new LineFile(path.join(directory, 'breaks.jsonl'));
  }

  readonly match = (match: MatchTruth): void => this.#matches.write(match);

  readonly break = (found: BreakTruth): void => this.#breaks.write(found);

  readonly movement: NonNullable<Witness['movement']> = ({ movement, status }, transactionId) => {
    const { label, fault, account, at, eventAt } = movement;
    if (label === null && fault === null) return;
    const { ids, world } = this.#options;
    const where = {
      transaction_id: transactionId,
      account_id: ids.accounts[account]!,
      customer_id: ids.customers[world.accounts[account]!.customer]!,
      at: instantText(at, movement.n),
      status,
    };
    if (label !== null) this.#fraud.write({ ...label, ...where, type: movement.type });
    if (fault !== null) this.#faults.write({ fault, ...where, event_ts: instantText(eventAt, movement.n) });
  };

  readonly device: NonNullable<Witness['device']> = ({ label, at, plan }, deviceId) => {
    if (label !== null)
      this.#fraud.write({ ...label, device_id: deviceId, customer_id: this.#options.ids.customers[plan.customer]!, at: instantText(at) });
  };

  /** @param about what was asked for and what came of it */
  close(about: object): void {
    const files = { fraud: this.#fraud, faults: this.#faults, matches: this.#matches, breaks: this.#breaks };
    for (const file of Object.values(files)) file.close();
    const counts = Object.fromEntries(Object.entries(files).map(([name, { lines }]) => [`${name}_lines`, lines]));
    writeFileSync(path.join(this.#options.directory, 'manifest.json'), `${JSON.stringify({ ...about, ...counts }, null, 2)}\n`);
  }
}

function writeCustomers({ directory, world, ids }: TruthOptions): void {
  const file = new LineFile(path.join(directory, 'customers.jsonl'));
  for (const citizen of world.citizens) {
    const { index, persona, income, rent, payday, nightOwl, trader, dormant, community, home, currency, subscriptions } = citizen;
    file.write({
      customer_id: ids.customers[index]!,
      persona,
      home: PLACES[home]!.city,
      currency,
      monthly_income_minor: income,
      rent_minor: rent,
      payday,
      subscriptions: subscriptions.map((it) => ({ merchant_id: ids.merchants[it.shop]!, amount_minor: it.amount, day: it.day })),
      night_owl: nightOwl,
      trader,
      dormant,
      community,
    });
  }
  file.close();
}
