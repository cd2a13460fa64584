// The start of a connection: encryption requests, the startup packet, cancel requests, and the password by SCRAM-SHA-256.

import { timingSafeEqual, createHash } from 'node:crypto';
import { SqlFailure } from './failures.ts';
import { BodyReader, type Frame } from './frames.ts';
import type { MessageBuffer } from './messages.ts';
import { authentication } from './messages.ts';
import { ScramExchange, type ScramVerifier } from './scram.ts';

const PROTOCOL_3 = 196_608;
const CANCEL_REQUEST = 80_877_102;
const SSL_REQUEST = 80_877_103;
const GSS_REQUEST = 80_877_104;
const SASL = 10;
const SASL_CONTINUE = 11;
const SASL_FINAL = 12;
const MECHANISM = 'SCRAM-SHA-256';

export interface Account {
  readonly user: string;
  readonly verifier: ScramVerifier;
  readonly database: string;
}

/** The account of a user; for an unknown name one whose password nobody knows, so that a login fails alike in text and time. */
export type AccountFinder = (user: string) => Account;

export type FirstPacket =
  | { readonly kind: 'encryption'; readonly tls: boolean }
  | { readonly kind: 'cancel'; readonly processId: number; readonly secret: number }
  | { readonly kind: 'startup'; readonly parameters: ReadonlyMap<string, string> };

/** @throws SqlFailure 0A000 for another protocol version. */
export function readFirstPacket({ body }: Frame): FirstPacket {
  const reader = new BodyReader(body);
  const code = reader.int32();
  if (code === SSL_REQUEST || code === GSS_REQUEST) return { kind: 'encryption', tls: code === SSL_REQUEST };
  if (code === CANCEL_REQUEST) return { kind: 'cancel', processId: reader.int32(), secret: reader.int32() };
  if (code >>> 16 !== PROTOCOL_3 >>> 16)
    throw new SqlFailure('0A000', `protocol ${code >>> 16}.${code & 0xffff} is not supported: use 3.0`, { fatal: true });
  const parameters = new Map<string, string>();
  for (let name = reader.text(); name !== ''; name = reader.text()) parameters.set(name, reader.text());
  return { kind: 'startup', parameters };
}

/** One login in steps: `next` takes the client's answer and writes the server's; true when the client has proven itself. */
export class Login {
  readonly #exchange: ScramExchange;
  readonly account: Account;
  readonly #known: boolean;
  readonly #user: string;
  #step: 'mechanism' | 'proof' = 'mechanism';

  constructor(find: AccountFinder, parameters: ReadonlyMap<string, string>, out: MessageBuffer) {
    this.#user = parameters.get('user') ?? '';
    const account = find(this.#user);
    this.account = account;
    this.#known = sameText(this.#user, account.user);
    this.#exchange = new ScramExchange(account.verifier);
    authentication(out, SASL, `${MECHANISM}\0\0`);
  }

  /** @throws SqlFailure 28P01 for a wrong user or password: which of the two is not told. */
  next({ type, body }: Frame, out: MessageBuffer): boolean {
    if (type !== 'p') throw new SqlFailure('08P01', 'the password was expected', { fatal: true });
    if (this.#step === 'mechanism') {
      const reader = new BodyReader(body);
      const mechanism = reader.text();
      if (mechanism !== MECHANISM) throw new SqlFailure('28000', `authentication by ${mechanism} is not supported`, { fatal: true });
      reader.int32();
      authentication(out, SASL_CONTINUE, this.#exchange.challenge(reader.rest().toString('utf8')));
      this.#step = 'proof';
      return false;
    }
    const signature = this.#exchange.finish(body.toString('utf8'));
    if (signature === undefined || !this.#known) {
      throw new SqlFailure('28P01', `password authentication failed for user "${this.#user}"`, {
        fatal: true,
        hint: '`ledgerflow status` shows the user and where the password is kept.',
      });
    }
    authentication(out, SASL_FINAL, signature);
    authentication(out, 0);
    return true;
  }
}

/** @throws SqlFailure 3D000 when the client asks for a database that is not here. */
export function checkDatabase(account: Account, parameters: ReadonlyMap<string, string>): void {
  const wanted = parameters.get('database') ?? parameters.get('user') ?? '';
  if (wanted !== account.database)
    throw new SqlFailure('3D000', `database "${wanted}" does not exist`, {
      fatal: true,
      hint: `The only database is "${account.database}".`,
    });
}

function sameText(left: string, right: string): boolean {
  const digest = (text: string): Buffer => createHash('sha256').update(text).digest();
  return timingSafeEqual(digest(left), digest(right));
}
