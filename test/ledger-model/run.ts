// A seeded run of random commands against the real service, each answer compared with the reference ledger's, and after every window
// of commands the whole state: balances, held money, entry counts, derived = cached, conservation (bank/schema/verify.ts).

import { parseCommand, type Command, type Operation as LedgerOperation } from '../../bank/ledger/commands.ts';
import type { Answer } from '../../bank/ledger/answer.ts';
import { createRandom, type Random } from '../../bank/generator/random.ts';
import { verifyLedger } from '../../bank/schema/verify.ts';
import type { TestLedger } from '../support/test-ledger.ts';
import { ReferenceLedger, type Operation } from './reference.ts';

export interface ModelRun {
  readonly seed: number;
  readonly operations: number;
  /** Sent at once before the state is compared: they make groups. */
  readonly windowMax: number;
  readonly tell?: (text: string) => void;
}

export interface ModelReport {
  readonly operations: number;
  readonly accepted: number;
  readonly refused: Readonly<Record<string, number>>;
  readonly replayed: number;
}

const ACCOUNTS = 24;

/** @throws Error naming seed, operation and the difference */
export async function runModel(under: TestLedger, run: ModelRun): Promise<ModelReport> {
  const play = new Play(under, run);
  await play.open();
  const random = createRandom(run.seed, 0);
  while (play.sent < run.operations) {
    const size = Math.min(random.int(1, run.windowMax), run.operations - play.sent);
    await play.window(Array.from({ length: size }, () => play.any(random)));
  }
  const breaches = await verifyLedger(under.bank.connection);
  if (breaches.length > 0) throw new Error(`seed ${run.seed}: ${JSON.stringify(breaches)}`);
  return play.report();
}

class Play {
  sent = 0;
  private accepted = 0;
  private replayed = 0;
  private readonly refused: Record<string, number> = {};
  private readonly model = new ReferenceLedger();
  private readonly ids: number[] = [];
  private readonly txIds: number[] = [];
  private readonly holdIds: number[] = [];
  private readonly past: { readonly command: Command; readonly key: string; readonly answer: Answer }[] = [];
  private readonly under: TestLedger;
  private readonly run: ModelRun;

  constructor(under: TestLedger, run: ModelRun) {
    this.under = under;
    this.run = run;
  }

  async open(): Promise<void> {
    for (let index = 0; index < ACCOUNTS; index += 1) {
      const credit = index % 5 === 4;
      const [currency, limit] = [index % 6 === 5 ? 'INR' : 'USD', index % 3 === 2 ? 5_000 : 0];
      const body = { owner: `Model ${index}`, currency, type: credit ? 'credit' : 'checking', overdraft_limit: decimal(limit) };
      const { body: made } = await this.under.send('open_account', body);
      this.ids.push(Number(made['account_id']));
      this.model.accounts.push({ currency, limit, credit, balance: 0, held: 0, entries: 0, status: 'active' });
    }
  }

  /** Any command, good or bad; points only at what earlier windows made. */
  any(random: Random): Operation {
    const account = random.int(0, ACCOUNTS - 1);
    const cents = random.int(1, 4_000);
    const roll = random.unit();
    if (roll < 0.2) return { op: 'deposit', account, cents };
    if (roll < 0.45) return { op: 'transfer', account, to: random.int(0, ACCOUNTS - 1), cents };
    if (roll < 0.6) return { op: random.pick(['withdraw', 'fee', 'purchase', 'purchase']), account, cents };
    if (roll < 0.66)
      return { op: 'split', account, to: Array.from({ length: random.int(1, 4) }, () => random.int(0, ACCOUNTS - 1)), cents };
    if (roll < 0.74) return { op: 'authorise', account, cents };
    if (roll < 0.8 && this.txIds.length > 0) return { op: 'refund', tx: this.recent(random, this.txIds), cents: random.int(1, 2_000) };
    if (roll < 0.86 && this.txIds.length > 0) return { op: 'reversal', tx: this.recent(random, this.txIds) };
    if (roll < 0.91 && this.holdIds.length > 0) return { op: 'capture', hold: this.recent(random, this.holdIds), cents };
    if (roll < 0.94 && this.holdIds.length > 0) return { op: 'void', hold: this.recent(random, this.holdIds) };
    return { op: random.pick(['freeze', 'unfreeze', 'unfreeze', 'unfreeze', 'close', 'reopen', 'reopen']), account };
  }

  private recent(random: Random, list: readonly number[]): number {
    return random.int(Math.max(0, list.length - 400), list.length - 1);
  }

  /** Sends all at once; the service takes them in this order, so the reference does too. */
  async window(operations: readonly Operation[]): Promise<void> {
    const repeats = this.past.splice(0, 2);
    const sending = operations.map(async (operation) => {
      const command = this.command(operation);
      const key = `model-${this.run.seed}-${(this.sent += 1)}`;
      return { command, key, answer: await this.under.ledger.execute(command, { actor: 'model', idempotencyKey: key }) };
    });
    const again = repeats.map(
      async ({ command, key }) => await this.under.ledger.execute(command, { actor: 'model', idempotencyKey: key }),
    );
    const answers = await Promise.all(sending);
    operations.forEach((operation, index) => this.compare(operation, answers[index]!.answer));
    (await Promise.all(again)).forEach((answer, index) => this.compareReplay(repeats[index]!.answer, answer));
    for (const each of answers) if (isKept(each.answer) && this.past.length < 40) this.past.push(each);
    await this.compareState();
  }

  private compare(operation: Operation, answer: Answer): void {
    const expected = this.model.apply(operation);
    const code = typeof answer.body['code'] === 'string' ? answer.body['code'] : undefined;
    if (answer.status !== expected.status || code !== expected.code) {
      throw new Error(
        `seed ${this.run.seed}, ${JSON.stringify(operation)}: expected ${JSON.stringify(expected)}, got ${answer.status} ${JSON.stringify(answer.body)}`,
      );
    }
    if (expected.tx !== undefined) this.txIds[expected.tx] = Number(answer.body['transaction_id']);
    if (expected.hold !== undefined) this.holdIds[expected.hold] = Number(answer.body['hold_id']);
    if (code === undefined) this.accepted += 1;
    else this.refused[code] = (this.refused[code] ?? 0) + 1;
    this.compareBalance(operation, answer);
  }

  /** After every single operation: the balance that was answered is the reference's. */
  private compareBalance(operation: Operation, { body }: Answer): void {
    if (typeof body['balance'] !== 'string' || typeof body['available'] !== 'string' || typeof body['account_id'] !== 'number') return;
    const account = this.model.accounts[this.ids.indexOf(body['account_id'])]!;
    const told = `${body['balance']} ${body['available']}`;
    const expected = `${decimal(account.balance)} ${decimal(account.balance - account.held)}`;
    if (told !== expected) throw new Error(`seed ${this.run.seed}, ${JSON.stringify(operation)}: ${told}, expected ${expected}`);
  }

  private compareReplay(first: Answer, again: Answer): void {
    this.replayed += 1;
    const same =
      again.replayed && again.status === first.status && JSON.stringify(sorted(again.body)) === JSON.stringify(sorted(first.body));
    if (!same) throw new Error(`seed ${this.run.seed}: ${JSON.stringify(again)} is no replay of ${JSON.stringify(first)}`);
  }

  private async compareState(): Promise<void> {
    const rows = await this.under.bank.rows(
      'SELECT account_id, balance, held, entry_seq, status FROM accounts WHERE account_id IN (?) ORDER BY account_id',
      [this.ids],
    );
    rows.forEach((row, index) => {
      const { balance, held, entries, status } = this.model.accounts[index]!;
      const told = `${row['balance']} ${row['held']} ${row['entry_seq']} ${row['status']}`;
      const expected = `${decimal(balance)}00 ${decimal(held)}00 ${entries} ${status}`;
      if (told !== expected) throw new Error(`seed ${this.run.seed}, account ${row['account_id']}: ${told}, expected ${expected}`);
    });
    this.run.tell?.(`${this.sent} of ${this.run.operations}`);
  }

  private command(o: Operation): Command {
    const [operation, body] = this.body(o);
    return parseCommand(operation, body);
  }

  private body(o: Operation): [LedgerOperation, object] {
    switch (o.op) {
      case 'transfer':
        return [o.op, { from_account_id: this.ids[o.account], to_account_id: this.ids[o.to], amount: decimal(o.cents) }];
      case 'split':
        return ['multileg', { form: 'split', account_id: this.ids[o.account], amount: decimal(o.cents), shares: o.to.map((to) => ({ account_id: this.ids[to], weight: 1 })) }]; // prettier-ignore
      case 'refund':
        return [o.op, { transaction_id: this.txIds[o.tx], amount: decimal(o.cents) }];
      case 'reversal':
        return [o.op, { transaction_id: this.txIds[o.tx] }];
      case 'capture':
        return [o.op, { hold_id: this.holdIds[o.hold], amount: decimal(o.cents) }];
      case 'void':
        return [o.op, { hold_id: this.holdIds[o.hold] }];
      case 'purchase':
      case 'authorise':
        return [o.op, { account_id: this.ids[o.account], amount: decimal(o.cents), merchant: { name: 'Model Shop' } }];
      case 'deposit':
      case 'withdraw':
      case 'fee':
        return [o.op, { account_id: this.ids[o.account], amount: decimal(o.cents) }];
      default:
        return [o.op, { account_id: this.ids[o.account] }];
    }
  }

  report(): ModelReport {
    return { operations: this.sent, accepted: this.accepted, refused: this.refused, replayed: this.replayed };
  }
}

/** Unknown and malformed requests are not kept under their key. */
function isKept({ status, body }: Answer): boolean {
  return (status < 300 || status === 409 || status === 422) && body['code'] !== 'idempotency_key_reused';
}

function sorted(body: object): [string, unknown][] {
  return Object.entries(body).sort(([a], [b]) => (a < b ? -1 : 1));
}

function decimal(cents: number): string {
  const size = Math.abs(cents);
  return `${cents < 0 ? '-' : ''}${Math.floor(size / 100)}.${String(size % 100).padStart(2, '0')}`;
}
