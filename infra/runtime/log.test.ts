import { describe, expect, it } from 'vitest';
import { LedgerflowError } from './errors.ts';
import { createLog, type Log } from './log.ts';
import { HIDDEN, redactFields, redactText } from './redact.ts';

function capture(readable = false): { log: Log; text: () => string; entries: () => Record<string, unknown>[] } {
  let text = '';
  const destination = {
    write: (line: string) => {
      text += line;
      return true;
    },
  };
  const log = createLog({ level: 'debug', part: 'test', readable, destination });
  const entries = () => text.trim().split('\n').map((line) => JSON.parse(line) as Record<string, unknown>); // prettier-ignore
  return { log, text: () => text, entries };
}

const SECRETS = ['hunter2', 'ada@example.com', 'Lovelace', '+44123'];

describe('personal data and secrets in logs', () => {
  it('are hidden by name at any depth, in arrays, in child loggers', () => {
    const { log, text } = capture();
    log.child({ email: 'ada@example.com' }).info({ password: 'hunter2', a: { b: [{ lastName: 'Lovelace', phone: '+44123' }] } }, 'row');
    log.info({ mysqlPassword: 'hunter2', first_name: 'Lovelace', apiKey: 'hunter2' }, 'row');
    for (const secret of SECRETS) expect(text()).not.toContain(secret);
    expect(text()).toContain(HIDDEN);
  });

  it('are hidden by shape inside texts, messages and errors with their causes', () => {
    const { log, text } = capture();
    const error = new LedgerflowError('LF_ABORTED', 'cannot reach mysql://bank:hunter2@db:3306', { cause: new Error('ada@example.com') });
    log.error({ err: error }, 'failed for ada@example.com');
    log.error(error);
    log.warn({ url: 'mysql://bank:hunter2@db:3306/bank' }, 'connecting to mysql://bank:hunter2@db');
    for (const secret of SECRETS) expect(text()).not.toContain(secret);
  });

  it('are hidden in readable lines too', () => {
    const { log, text } = capture(true);
    log.info({ password: 'hunter2', host: 'db' }, 'opened');
    expect(text()).not.toContain('hunter2');
    expect(text()).toContain('db');
  });

  it('leaves everything else as it is', () => {
    expect(redactFields({ table: 'customers', rows: 3, pos: 12n, passed: true, none: null })).toEqual({
      table: 'customers',
      rows: 3,
      pos: '12',
      passed: true,
      none: null,
    });
    expect(redactText('bank_server.bank.accounts@17')).toBe('bank_server.bank.accounts@17');
  });
});

describe('createLog', () => {
  it('writes one JSON object a line with level name, part, time and error code', () => {
    const { log, entries } = capture();
    log.error({ err: new LedgerflowError('LF_ABORTED', 'stop', { where: 'topic a' }), rows: 4 }, 'commit failed');
    expect(entries()).toEqual([
      expect.objectContaining({
        level: 'error',
        part: 'test',
        time: expect.any(String),
        rows: 4,
        msg: 'commit failed',
        err: expect.objectContaining({ code: 'LF_ABORTED', where: 'topic a', message: 'stop' }),
      }),
    ]);
  });

  it('survives values JSON cannot hold and objects without end', () => {
    const { log, entries } = capture();
    const endless: Record<string, unknown> = { gtid: 1n };
    endless['self'] = endless;
    log.info({ endless, bytes: Buffer.alloc(5), date: new Date(NaN) }, 'odd');
    expect(entries()[0]).toMatchObject({ bytes: '[5 bytes]', date: null });
  });
});
