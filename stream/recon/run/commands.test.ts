// The control commands of journals where the bank asks for logins: who asks and who approves is whom the bank's tokens name, and the bank
// is asked with the approver's own token.

import { fastify, type FastifyInstance } from 'fastify';
import { exportJWK, generateKeyPair, SignJWT, type CryptoKey } from 'jose';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { BreakActions } from '../breaks/actions.ts';
import { reconCommands } from './commands.ts';
import { ReconStand } from './testkit.ts';

const DATE = '2025-07-13';
const DUMP = `txn_id,date,amount,currency,reference,description\nBK-9,${DATE},44.00,USD,,unheard of\n`;
let stand: ReconStand;
let bank: FastifyInstance;
let bankUrl: string;
let key: CryptoKey;
const posted: (string | undefined)[] = [];

beforeAll(async () => {
  stand = await ReconStand.open();
  await stand.run('bank_csv', DATE, stand.file('dump.csv', DUMP));
  const pair = await generateKeyPair('EdDSA');
  key = pair.privateKey;
  const jwk = { ...(await exportJWK(pair.publicKey)), kid: 'k1', alg: 'EdDSA' };
  bank = fastify();
  bank.get('/.well-known/jwks.json', () => ({ keys: [jwk] }));
  bank.post('/v1/deposits', (request) => {
    posted.push(request.headers.authorization);
    return { transaction_id: '2001' };
  });
  bankUrl = await bank.listen({ host: '127.0.0.1', port: 0 });
});
afterAll(async () => {
  await bank.close();
  await stand[Symbol.asyncDispose]();
});

const token = (sub: string, role = 'operator'): Promise<string> =>
  new SignJWT({ role })
    .setProtectedHeader({ alg: 'EdDSA', kid: 'k1' })
    .setIssuer('ledgerflow-bank')
    .setAudience('ledgerflow')
    .setSubject(sub)
    .setExpirationTime('5m')
    .sign(key);

it('are those of two people with a login each, whatever names are given', async () => {
  const parts = { desk: stand.desk, actions: new BreakActions(stand.desk), bankUrl: () => bankUrl, auth: 'on' as const };
  const commands = new Map(reconCommands(parts).map((command) => [command.name, command]));
  const run = (name: string, body: object): Promise<object> => commands.get(name)!.handle(body);
  const [[id]] = (await stand.rows(`SELECT break_id FROM gold.recon_breaks WHERE reason = 'missing_internal'`)) as [[string]];
  const asked = { break: id, account: '1', by: 'ana' };
  for (const given of [{}, { token: 'x.y.z' }, { token: await token('5', 'customer') }])
    await expect(run('recon/journal', { ...asked, ...given })).rejects.toMatchObject({ code: 'LF_RECON_LOGIN' });
  await run('recon/journal', { ...asked, token: await token('7') });
  const approval = { break: id, by: 'somebody else' };
  await expect(run('recon/approve', approval)).rejects.toMatchObject({ code: 'LF_RECON_LOGIN' });
  await expect(run('recon/approve', { ...approval, token: await token('7') })).rejects.toThrow('user:7 has asked for this journal');
  expect(posted).toEqual([]);
  const second = await token('8');
  await run('recon/approve', { ...approval, token: second });
  expect(posted).toEqual([`Bearer ${second}`]);
  expect(await stand.rows(`SELECT DISTINCT actor FROM ops.recon_break_events WHERE kind = 'journal' ORDER BY 1`)).toEqual([
    ['user:7'],
    ['user:8'],
  ]);
});
