// The reference ledger: the rules of the bank once more, written independently and as simply as possible, in whole cents.
// It answers what the service must answer, and it is what the service's state is compared with.

export type Operation =
  | { readonly op: 'deposit' | 'withdraw' | 'fee' | 'purchase' | 'authorise'; readonly account: number; readonly cents: number }
  | { readonly op: 'transfer'; readonly account: number; readonly to: number; readonly cents: number }
  | { readonly op: 'split'; readonly account: number; readonly to: readonly number[]; readonly cents: number }
  | { readonly op: 'refund'; readonly tx: number; readonly cents: number }
  | { readonly op: 'reversal'; readonly tx: number }
  | { readonly op: 'capture'; readonly hold: number; readonly cents: number }
  | { readonly op: 'void'; readonly hold: number }
  | { readonly op: 'freeze' | 'unfreeze' | 'close' | 'reopen'; readonly account: number };

export interface ModelAccount {
  readonly currency: string;
  readonly limit: number;
  readonly credit: boolean;
  balance: number;
  held: number;
  entries: number;
  status: 'active' | 'frozen' | 'closed';
}

interface ModelTx {
  readonly type: string;
  readonly account: number;
  readonly cents: number;
  /** Cents per account, positive in its favour; the house is left out, it takes the rest. */
  readonly moves: readonly (readonly [account: number, cents: number])[];
  returned: number;
  reversed: boolean;
}

export interface ModelAnswer {
  readonly status: number;
  readonly code?: string;
  /** Index of the new transaction or hold. */
  readonly tx?: number;
  readonly hold?: number;
}

class No extends Error {}

const CODES: Readonly<Record<string, number>> = {
  unknown_account: 404,
  account_closed: 409,
  account_frozen: 409,
  currency_mismatch: 422,
  same_account: 400,
  not_returnable: 422,
  already_reversed: 409,
  return_exceeds_original: 422,
  hold_resolved: 409,
  capture_exceeds_hold: 422,
  account_not_empty: 409,
  limit_exceeded: 422,
  insufficient_funds: 422,
};

export class ReferenceLedger {
  readonly accounts: ModelAccount[] = [];
  readonly txs: ModelTx[] = [];
  readonly holds: { account: number; cents: number; open: boolean }[] = [];

  apply(operation: Operation): ModelAnswer {
    try {
      return this.run(operation);
    } catch (error) {
      if (error instanceof No) return { status: CODES[error.message]!, code: error.message };
      throw error;
    }
  }

  private run(o: Operation): ModelAnswer {
    switch (o.op) {
      case 'deposit':
        return this.post({ type: o.op, account: o.account, cents: o.cents, moves: [[o.account, o.cents]] });
      case 'withdraw':
      case 'fee':
      case 'purchase':
        return this.post({ type: o.op, account: o.account, cents: o.cents, moves: [[o.account, -o.cents]] });
      case 'transfer':
        if (o.account === o.to) throw new No('same_account');
        return this.post({ type: o.op, account: o.account, cents: o.cents, moves: [[o.account, -o.cents], [o.to, o.cents]] }); // prettier-ignore
      case 'split':
        return this.split(o);
      case 'refund':
        return this.refund(this.txs[o.tx]!, o.cents);
      case 'reversal':
        return this.reverse(this.txs[o.tx]!);
      case 'authorise': {
        const account = this.usable(o.account);
        this.needs(account, o.cents);
        account.held += o.cents;
        return { status: 201, hold: this.holds.push({ account: o.account, cents: o.cents, open: true }) - 1 };
      }
      case 'capture':
        return this.capture(o);
      case 'void': {
        const hold = this.holds[o.hold]!;
        if (!hold.open) throw new No('hold_resolved');
        hold.open = false;
        this.accounts[hold.account]!.held -= hold.cents;
        return { status: 200 };
      }
      default:
        return this.status(o.op, this.accounts[o.account]!);
    }
  }

  /** Equal shares: floored, left-over cents to the first ones. */
  private split(o: { readonly account: number; readonly to: readonly number[]; readonly cents: number }): ModelAnswer {
    if (new Set([o.account, ...o.to]).size <= o.to.length) throw new No('same_account');
    const part = Math.floor(o.cents / o.to.length);
    const left = o.cents - part * o.to.length;
    const parts = o.to.map((to, index) => [to, part + (index < left ? 1 : 0)] as const);
    return this.post({ type: 'transfer', account: o.account, cents: o.cents, moves: [[o.account, -o.cents], ...parts] });
  }

  private post(tx: Omit<ModelTx, 'returned' | 'reversed'>): ModelAnswer {
    const accounts = tx.moves.map(([account]) => this.accounts[account]!);
    for (const [account] of tx.moves) this.usable(account);
    for (const account of accounts) if (account.currency !== accounts[0]!.currency) throw new No('currency_mismatch');
    tx.moves.forEach(([, cents], index) => cents < 0 && this.needs(accounts[index]!, -cents));
    tx.moves.forEach(([, cents], index) => {
      if (cents === 0) return;
      accounts[index]!.balance += cents;
      accounts[index]!.entries += 1;
    });
    return { status: 201, tx: this.txs.push({ ...tx, returned: 0, reversed: false }) - 1 };
  }

  private refund(tx: ModelTx, cents: number): ModelAnswer {
    this.usable(tx.account);
    if (tx.type !== 'purchase' && tx.type !== 'fee') throw new No('not_returnable');
    if (tx.reversed) throw new No('already_reversed');
    if (tx.returned + cents > tx.cents) throw new No('return_exceeds_original');
    tx.returned += cents;
    return this.post({ type: 'refund', account: tx.account, cents, moves: [[tx.account, cents]] });
  }

  private reverse(tx: ModelTx): ModelAnswer {
    for (const [account, cents] of tx.moves) if (cents !== 0) this.usable(account);
    if (tx.type === 'refund' || tx.type === 'reversal') throw new No('not_returnable');
    if (tx.reversed) throw new No('already_reversed');
    if (tx.returned > 0) throw new No('return_exceeds_original');
    const moves = tx.moves.map(([account, cents]) => [account, -cents] as const);
    const answer = this.post({ type: 'reversal', account: tx.account, cents: tx.cents, moves });
    tx.reversed = true;
    return answer;
  }

  private capture(o: { readonly hold: number; readonly cents: number }): ModelAnswer {
    const hold = this.holds[o.hold]!;
    const account = this.usable(hold.account);
    if (!hold.open) throw new No('hold_resolved');
    if (o.cents > hold.cents) throw new No('capture_exceeds_hold');
    hold.open = false;
    account.held -= hold.cents;
    return this.post({ type: 'purchase', account: hold.account, cents: o.cents, moves: [[hold.account, -o.cents]] });
  }

  private status(op: 'freeze' | 'unfreeze' | 'close' | 'reopen', account: ModelAccount): ModelAnswer {
    const to = ({ freeze: 'frozen', unfreeze: 'active', close: 'closed', reopen: 'active' } as const)[op];
    if (account.status === to) return { status: 200 };
    if (account.status === 'closed' && op !== 'reopen') throw new No('account_closed');
    if (account.status === 'frozen' && op !== 'unfreeze') throw new No('account_frozen');
    if (to === 'closed' && (account.balance !== 0 || account.held !== 0)) throw new No('account_not_empty');
    account.status = to;
    return { status: 200 };
  }

  private usable(index: number): ModelAccount {
    const account = this.accounts[index]!;
    if (account.status !== 'active') throw new No(`account_${account.status}`);
    return account;
  }

  private needs(account: ModelAccount, cents: number): void {
    if (account.balance - account.held - cents < -account.limit) throw new No(account.credit ? 'limit_exceeded' : 'insufficient_funds');
  }
}
