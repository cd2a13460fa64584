// Commands of the pages, handed to the bank under the caller's own login. The bank decides; here only what may pass is named,
// and in a session without a password, where the bank asks nobody, that a customer spends from their own accounts.

import type { FastifyInstance, FastifyRequest } from 'fastify';
import { z } from 'zod';
import type { CommandAnswer } from '../answers/customer.ts';
import { sessionOf, type DashboardsApi } from '../context.ts';
import { checked } from '../input.ts';
import { ApiProblem } from '../problem.ts';
import type { Session } from '../session/session.ts';
import type { BankAnswer, BankCall } from './client.ts';

const id = z.string().regex(/^[1-9]\d{0,18}$/, 'must be an id');
const decimal = z.string().regex(/^\d{1,20}(\.\d{1,8})?$/, 'must be an amount such as 12.50'); // prettier-ignore
const text = z.string().min(1).max(120);
const merchant = z.strictObject({ name: text, category: z.string().min(1).max(40).optional() });
const symbol = z.string().regex(/^[A-Z0-9.]{1,12}$/);
const month = z.string().regex(/^[12]\d{3}-(0[1-9]|1[0-2])$/); // prettier-ignore

interface Command {
  readonly path: string;
  readonly method: 'POST' | 'PUT';
  readonly bankPath: string;
  readonly body: z.ZodType<Readonly<Record<string, unknown>>>;
  /** The field of the account money is taken from. */
  readonly spends?: string;
  /** The bank knows whom it concerns by customer_id where nobody is logged in. */
  readonly names?: boolean;
}

const COMMANDS: readonly Command[] = [
  {
    ...{ path: '/api/bank/purchases', method: 'POST', bankPath: '/v1/purchases', spends: 'account_id' },
    body: z.strictObject({ account_id: id, amount: decimal, merchant_id: id.optional(), merchant: merchant.optional() }),
  },
  {
    ...{ path: '/api/bank/transfers', method: 'POST', bankPath: '/v1/transfers', spends: 'from_account_id' },
    body: z.strictObject({ from_account_id: id, to_account_id: id, amount: decimal, description: text.optional() }),
  },
  {
    ...{ path: '/api/bank/trades', method: 'POST', bankPath: '/v1/trades', spends: 'account_id' },
    body: z.strictObject({ account_id: id, symbol, side: z.enum(['buy', 'sell']), quantity: decimal }),
  },
  {
    ...{ path: '/api/bank/budgets', method: 'PUT', bankPath: '/v1/budgets', names: true },
    body: z.strictObject({ category: z.string().min(1).max(40), month, currency: z.string().regex(/^[A-Z]{3}$/), limit: decimal }),
  },
  {
    ...{ path: '/api/bank/price-alerts', method: 'POST', bankPath: '/v1/price-alerts', names: true },
    body: z.strictObject({ symbol, direction: z.enum(['above', 'below']), price: decimal }),
  },
];

const idParams = z.object({ id });
const KEY = /^[\x21-\x7e]{1,255}$/;

export function bankRoutes(app: FastifyInstance, api: DashboardsApi): void {
  for (const command of COMMANDS) {
    const { path, method, bankPath } = command;
    app.route({
      method,
      url: path,
      handler: async (request): Promise<CommandAnswer> => {
        const session = await sessionOf(api, request);
        const body = checked(command.body, request.body);
        await admit(api, session, command, body);
        const whom = command.names === true && session.token === null ? { customer_id: requireCustomer(session) } : {};
        return commandAnswer(
          await api.bank.call({ method, path: bankPath, body: JSON.stringify({ ...body, ...whom }), ...asCaller(session, request) }),
        );
      },
    });
  }
  app.delete('/api/bank/price-alerts/:id', async (request): Promise<CommandAnswer> => {
    const session = await sessionOf(api, request);
    const query = session.token === null ? `?customer_id=${requireCustomer(session)}` : '';
    const path = `/v1/price-alerts/${checked(idParams, request.params).id}${query}`;
    return commandAnswer(await api.bank.call({ method: 'DELETE', path, ...asCaller(session, request) }));
  });
}

function asCaller(session: Session, request: FastifyRequest): Pick<BankCall, 'token' | 'idempotencyKey'> {
  const key = request.headers['idempotency-key'];
  if (key !== undefined && (typeof key !== 'string' || !KEY.test(key)))
    throw new ApiProblem('malformed', 'Idempotency-Key: 1 to 255 printable ASCII characters');
  return { token: session.token, ...(key === undefined ? {} : { idempotencyKey: key }) };
}

function requireCustomer({ customerId }: Session): string {
  if (customerId === null) throw new ApiProblem('forbidden', 'this is for customers');
  return customerId;
}

/** Whoever logged in is judged by the bank; whoever did not, here. @throws ApiProblem forbidden */
async function admit(api: DashboardsApi, session: Session, { spends }: Command, body: Readonly<Record<string, unknown>>): Promise<void> {
  if (session.token !== null || session.role === 'operator' || spends === undefined) return;
  const { found } = await api.store.read(async (snapshot) => ({
    found: await snapshot.rows('SELECT 1 FROM gold.dim_accounts WHERE account_id = $1::BIGINT AND customer_id = $2::BIGINT', [
      String(body[spends]),
      requireCustomer(session),
    ]),
  }));
  if (found.length === 0) throw new ApiProblem('forbidden', `account ${String(body[spends])} is not one of yours`);
}

const bodySchema = z.object({
  gtid: z.string().nullish(),
  message: z.string().nullish(),
  field: z.string().nullish(),
  code: z.string().nullish(),
});

/** A refusal of the bank is an answer too: the page shows it at the form. @throws ApiProblem session_expired, unavailable */
function commandAnswer({ ok, status, body }: BankAnswer): CommandAnswer {
  const { gtid, message, field, code } = bodySchema.safeParse(body).data ?? {};
  if (status === 401) throw new ApiProblem(code === 'token_expired' ? 'session_expired' : 'not_logged_in', message ?? 'log in again');
  if (status >= 500) throw new ApiProblem('unavailable', message ?? 'the bank cannot carry it out now');
  return { ok, status, gtid: gtid ?? null, message: ok ? null : (message ?? `refused (${status})`), field: field ?? null };
}
