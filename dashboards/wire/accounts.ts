// Who may log in, and how much each user may ask: connections, statements at once, rows, seconds. A user's limits lie within the endpoint's.

import { randomBytes } from 'node:crypto';
import { Gate, type Slot } from './gate.ts';
import type { Account } from './login.ts';
import { scramVerifier } from './scram.ts';

/** Statements of one user in line for each one that runs; more are refused. */
const WAITING_PER_RUNNING = 16;

export interface WireUser {
  readonly user: string;
  readonly password: string;
  readonly connectionsMax?: number | undefined;
  readonly concurrencyMax?: number | undefined;
  readonly rowsMax?: number | undefined;
  readonly statementTimeoutMs?: number | undefined;
}

interface EndpointLimits extends WireUser {
  readonly database: string;
  readonly connectionsMax: number;
  readonly concurrencyMax: number;
  readonly rowsMax: number;
  readonly statementTimeoutMs: number;
  readonly users?: readonly WireUser[];
}

/** Where a statement waits for its turn. */
export interface Entrance {
  enter(signal: AbortSignal): Promise<Slot>;
}

export interface UserAccount extends Account {
  readonly connectionsMax: number;
  readonly rowsMax: number;
  readonly statementTimeoutMs: number;
  readonly gate: Entrance;
}

export class Accounts {
  readonly #accounts: ReadonlyMap<string, UserAccount>;
  readonly #nobody: UserAccount;

  /** `gate` is the one all statements pass. */
  constructor(limits: EndpointLimits, gate: Gate) {
    const nobody = { ...limits, user: '', password: randomBytes(16).toString('hex') };
    const account = (user: WireUser): [string, UserAccount] => [user.user, accountOf(user, limits, gate)];
    this.#accounts = new Map([...(limits.users ?? []), limits].map(account));
    this.#nobody = accountOf(nobody, limits, gate);
  }

  find(user: string): UserAccount {
    return this.#accounts.get(user) ?? this.#nobody;
  }
}

function accountOf(user: WireUser, limits: EndpointLimits, total: Gate): UserAccount {
  const least = (own: number | undefined, all: number): number => Math.min(own ?? all, all);
  const running = least(user.concurrencyMax, limits.concurrencyMax);
  return {
    user: user.user,
    database: limits.database,
    verifier: scramVerifier(user.password),
    connectionsMax: least(user.connectionsMax, limits.connectionsMax),
    rowsMax: least(user.rowsMax, limits.rowsMax),
    statementTimeoutMs: least(user.statementTimeoutMs, limits.statementTimeoutMs),
    gate: running < limits.concurrencyMax ? within(new Gate({ running, waiting: running * WAITING_PER_RUNNING }), total) : total,
  };
}

/** First the user's own line, then everybody's: a busy user holds up nobody else. */
function within(own: Gate, total: Gate): Entrance {
  return {
    enter: async (signal) => {
      const mine = await own.enter(signal);
      try {
        const place = await total.enter(signal);
        return {
          release: () => {
            place.release();
            mine.release();
          },
        };
      } catch (error) {
        mine.release();
        throw error;
      }
    },
  };
}
