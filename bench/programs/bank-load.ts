// The load generator of the bank's HTTP legs, in a process of its own: connections that each send the next request when the last one is
// answered. HTTP/1.1 by hand over node:net, because a client library takes more processor time than the server that is measured.

import { connect, type Socket } from 'node:net';
import { createRandom, type Random } from '../../bank/generator/random.ts';

export interface BankLoadInput {
  readonly host: string;
  readonly port: number;
  readonly connections: number;
  readonly seconds: number;
  readonly warmUpSeconds: number;
  readonly mode: 'spread' | 'hot' | 'batch';
  readonly firstAccount: number;
  readonly accounts: number;
  readonly batchMembers: number;
}

export interface BankLoadResult {
  /** Transfers carried out. */
  readonly posted: number;
  readonly refused: number;
  /** Answers 5xx, broken connections, requests without an answer. */
  readonly failed: number;
  readonly firstProblem: string | null;
  readonly seconds: number;
  readonly latenciesMs: readonly number[];
  readonly cpuMs: number;
}

const PATIENCE_MS = 60_000;
const run = Math.random().toString(36).slice(2, 8);
let keys = 0;

function pair(random: Random, { mode, firstAccount, accounts }: BankLoadInput): [number, number] {
  const other = firstAccount + random.int(1, accounts - 1);
  if (mode === 'hot') return random.chance(0.5) ? [firstAccount, other] : [other, firstAccount];
  const from = random.int(0, accounts - 1);
  return [firstAccount + from, firstAccount + ((from + random.int(1, accounts - 1)) % accounts)];
}

function transferBody(random: Random, input: BankLoadInput): string {
  const [from, to] = pair(random, input);
  return `{"from_account_id":${from},"to_account_id":${to},"amount":"0.01","idempotency_key":"${run}-${(keys += 1)}"}`;
}

function requestText(random: Random, input: BankLoadInput): string {
  const batch = input.mode === 'batch';
  const members = batch ? Array.from({ length: input.batchMembers }, () => transferBody(random, input)) : [];
  const body = batch ? `{"mode":"continue","transfers":[${members.join(',')}]}` : transferBody(random, input);
  const path = batch ? '/v1/transfers:batch' : '/v1/transfers';
  return `POST ${path} HTTP/1.1\r\nHost: bank\r\nContent-Type: application/json\r\nContent-Length: ${body.length}\r\n\r\n${body}`;
}

interface Reply {
  readonly status: number;
  readonly body: string;
}

/** One connection, one request at a time. */
class Client {
  readonly #socket: Socket;
  #text = '';
  #answer: ((reply: Reply) => void) | undefined;
  #fail: ((error: Error) => void) | undefined;

  constructor(host: string, port: number) {
    this.#socket = connect({ host, port, noDelay: true });
    this.#socket.setEncoding('latin1');
    this.#socket.setTimeout(PATIENCE_MS, () => this.#socket.destroy(new Error('no answer')));
    this.#socket.on('data', (chunk: string) => this.#take(chunk));
    this.#socket.on('error', (error) => this.#fail?.(error));
    this.#socket.on('close', () => this.#fail?.(new Error('connection closed')));
  }

  send(text: string): Promise<Reply> {
    return new Promise((answer, fail) => {
      this.#answer = answer;
      this.#fail = fail;
      this.#socket.write(text);
    });
  }

  end(): void {
    this.#fail = undefined;
    this.#socket.destroy();
  }

  #take(chunk: string): void {
    this.#text += chunk;
    const head = this.#text.indexOf('\r\n\r\n');
    if (head < 0) return;
    const length = Number(/\r\ncontent-length: (\d+)/i.exec(this.#text.slice(0, head))?.[1]);
    const end = head + 4 + length;
    if (this.#text.length < end) return;
    const reply = { status: Number(this.#text.slice(9, 12)), body: this.#text.slice(head + 4, end) };
    this.#text = this.#text.slice(end);
    this.#answer?.(reply);
  }
}

async function load(input: BankLoadInput): Promise<BankLoadResult> {
  const latenciesMs: number[] = [];
  const counts = { posted: 0, refused: 0, failed: 0 };
  let firstProblem: string | null = null;
  const from = performance.now() + input.warmUpSeconds * 1_000;
  const until = from + input.seconds * 1_000;
  let cpu = process.cpuUsage();
  setTimeout(() => (cpu = process.cpuUsage()), input.warmUpSeconds * 1_000);
  const count = ({ status, body }: Reply): void => {
    if (input.mode === 'batch' && status === 200) {
      const refused = Number(/"refused":(\d+)/.exec(body)?.[1]);
      counts.posted += Number(/"posted":(\d+)/.exec(body)?.[1]);
      counts.refused += refused;
      if (refused > 0) firstProblem ??= body.slice(0, 500);
    } else if (status === 201) counts.posted += 1;
    else {
      counts[status >= 500 ? 'failed' : 'refused'] += 1;
      firstProblem ??= `${status} ${body.slice(0, 500)}`;
    }
  };
  await Promise.all(
    Array.from({ length: input.connections }, async (_, index) => {
      const random = createRandom(input.connections, index);
      const client = new Client(input.host, input.port);
      try {
        for (let at = performance.now(); at < until; at = performance.now()) {
          const reply = await client.send(requestText(random, input));
          const now = performance.now();
          if (now < from || now >= until) continue;
          latenciesMs.push(now - at);
          count(reply);
        }
      } catch (error) {
        counts.failed += 1;
        firstProblem ??= String(error);
      }
      client.end();
    }),
  );
  const used = process.cpuUsage(cpu);
  return { ...counts, firstProblem, seconds: input.seconds, latenciesMs, cpuMs: (used.user + used.system) / 1_000 };
}

console.log(JSON.stringify(await load(JSON.parse(process.argv[2] ?? '{}') as BankLoadInput)));
