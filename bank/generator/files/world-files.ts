// The seeded world as a folder of files instead of rows in MySQL: the same rows, ids from where an empty bank would begin, in one pass.

import { mkdirSync } from 'node:fs';
import path from 'node:path';
import type { DeviceAdded } from '../world/event.ts';
import { INSTRUMENTS } from '../world/market.ts';
import type { SeededWorld } from '../world/population.ts';
import { Books, type Posting } from '../write/books.ts';
import { HOUSE_ROLE, metadataOf } from '../write/history-rows.ts';
import { fourDigits } from '../write/market-text.ts';
import type { WorldIds } from '../write/population-rows.ts';
import type { Settled } from '../write/settle.ts';
import { instantText, moneyText } from '../write/text.ts';
import { CsvFile, quoted } from './csv-file.ts';
import { deviceLine, joinedTexts, writeAccounts, writeStanding, type StandingContext } from './standing.ts';
import { TABLE_NAMES, type TableName } from './tables.ts';

export interface WorldFilesOptions {
  readonly directory: string;
  readonly world: SeededWorld;
  readonly ids: WorldIds;
  readonly fromMs: number;
  readonly untilMs: number;
}

export interface WrittenFile {
  readonly rows: number;
  /** Of the table as CSV. */
  readonly sha256: string;
}

const EQUITY_ROLE = 6n;

export class WorldFiles {
  readonly #context: StandingContext;
  readonly #books: Books;
  readonly #files: Record<TableName, CsvFile>;
  readonly #firstId: number;
  /** Ids by index, as text: made once, printed often. */
  readonly #accounts: readonly string[];
  readonly #owners: readonly string[];
  #entries = 0;
  #trades = 0;

  constructor({ directory, world, ids, fromMs, untilMs }: WorldFilesOptions) {
    mkdirSync(directory, { recursive: true });
    this.#files = Object.fromEntries(
      TABLE_NAMES.map((table) => [table, new CsvFile(path.join(directory, `${table}.csv`), table)]),
    ) as Record<TableName, CsvFile>;
    this.#context = { world, ids, fromMs, untilMs, file: (table) => this.#files[table] };
    this.#books = new Books(world);
    this.#accounts = ids.accounts.map(String);
    this.#owners = world.accounts.map(({ customer }) => ids.customers[customer]!.toString());
    writeStanding(this.#context);
    this.#firstId = this.#writeOpenings() + 1;
  }

  /** transaction_id of a movement. */
  readonly idOf = (n: number): number => this.#firstId + n;

  device(event: DeviceAdded): void {
    const { ids } = this.#context;
    ids.devices[event.device] = BigInt(event.device + 1);
    this.#files.devices.write(deviceLine(ids, event.device, event.plan, instantText(event.at)));
  }

  settled({ movement, status, postedMs }: Settled): void {
    const { ids } = this.#context;
    const { n, account, shop, device, reference, currency, type, direction, counter, description } = movement;
    const id = this.idOf(n);
    const own = this.#accounts[account]!;
    const counterId = counter === null ? (ids.houseBase.get(currency)! + HOUSE_ROLE[type]!).toString() : this.#accounts[counter]!;
    const amount = moneyText(movement.amount);
    const event = instantText(movement.eventAt, n);
    const posted = postedMs === null ? '' : instantText(postedMs, n);
    const metadata = metadataOf(movement, ids);
    this.#files.transactions.write(
      `${id},${own},${this.#owners[account]!},${shop === null ? '' : ids.merchants[shop]!},${amount},${currency},${status},${event},` +
        `${instantText(movement.at, n)},${type},${direction},${counterId},${reference === null ? '' : this.idOf(reference)},,` +
        `${device === null ? '' : ids.devices[device]!},${movement.channel},${quoted(description)},${event},${posted},` +
        (metadata === null ? '' : quoted(metadata)),
    );
    if (postedMs === null) return;
    const [mine, theirs] = this.#books.post(movement);
    const opposite = direction === 'CREDIT' ? 'DEBIT' : 'CREDIT';
    this.#entry(`${id},${own},${direction},${amount},${currency},${balanceText(mine)},${posted},1`);
    this.#entry(`${id},${counterId},${opposite},${amount},${currency},${balanceText(theirs)},${posted},2`);
    if (movement.trade !== null) this.#trade(movement, amount, posted);
  }

  /** Writes the accounts and ends every file. */
  close(): Record<TableName, WrittenFile> {
    writeAccounts(this.#context, this.#books);
    return Object.fromEntries(
      Object.entries(this.#files).map(([table, file]) => [table, { rows: file.rows, sha256: file.close() }]),
    ) as Record<TableName, WrittenFile>;
  }

  #trade({ n, account, currency, trade }: Settled['movement'], amount: string, at: string): void {
    const { instrument, side, quantity, price, tick } = trade!;
    this.#trades += 1;
    this.#files.trades.write(
      `${this.#trades},${this.#accounts[account]!},${this.#owners[account]!},${INSTRUMENTS[instrument]!.symbol},${side},` +
        `${fourDigits(quantity)},${fourDigits(price)},${amount},${currency},${tick},${this.idOf(n)},${at}`,
    );
  }

  #entry(rest: string): void {
    this.#entries += 1;
    this.#files.ledger_entries.write(`${this.#entries},${rest}`);
  }

  /** The opening transactions of accounts with money; answers how many. */
  #writeOpenings(): number {
    const { world, ids } = this.#context;
    const joined = joinedTexts(this.#context);
    let id = 0;
    world.accounts.forEach(({ opening, currency, customer }, index) => {
      if (opening === 0n) return;
      id += 1;
      const at = joined[customer]!;
      const [own, amount] = [this.#accounts[index]!, moneyText(opening)];
      const equity = ids.houseBase.get(currency)! + EQUITY_ROLE;
      this.#files.transactions.write(
        `${id},${own},${this.#owners[index]!},,${amount},${currency},posted,${at},${at},OPENING,CREDIT,${equity},,,,,opening balance,${at},${at},`,
      );
      this.#entry(`${id},${own},CREDIT,${amount},${currency},${amount},1,${at},1`);
      this.#entry(`${id},${equity},DEBIT,${amount},${currency},,,${at},2`);
    });
    return id;
  }
}

/** balance_after and account_seq; empty for a house account. */
function balanceText(posting: Posting | undefined): string {
  return posting === undefined ? ',' : `${moneyText(posting.balance)},${posting.sequence}`;
}
