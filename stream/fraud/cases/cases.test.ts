// Case work on alerts: every step is a row, the queue is the fold of the rows, precision comes from the outcomes.

import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { caseCommands } from './commands.ts';
import { caseStand, type CaseStand } from './testkit.ts';

let stand: CaseStand;
beforeEach(async () => void (stand = await caseStand()));
afterEach(async () => stand[Symbol.asyncDispose]());

const order = async (name: string, body: object): Promise<object> => {
  const command = caseCommands(stand.desk).find((one) => one.name === `fraud/alerts/${name}`);
  return command!.handle({ by: 'ann', ...body });
};
const events = (id: string) =>
  stand.rows(
    `SELECT seq, actor, action, from_state, to_state, outcome, assignee, note FROM ops.fraud_alert_events WHERE alert_id = '${id}' ORDER BY seq`,
  );
const state = (id: string) => stand.rows(`SELECT state, outcome, assignee, note FROM gold.fraud_queue WHERE alert_id = '${id}'`);

describe('a case', () => {
  it('is open without any row, and goes through acknowledged to closed, one row for each step', async () => {
    expect(await state('a1')).toEqual([['open', null, null, null]]);
    await order('ack', { ids: ['a1'] });
    await order('note', { ids: ['a1'], by: 'bob', note: 'called the customer' });
    await order('assign', { ids: ['a1'], to: 'bob' });
    await order('close', { ids: ['a1'], by: 'bob', outcome: 'confirmed', note: 'card blocked' });
    expect(await events('a1')).toEqual([
      [1, 'ann', 'acknowledge', 'open', 'acknowledged', null, 'ann', null],
      [2, 'bob', 'note', 'acknowledged', 'acknowledged', null, 'ann', 'called the customer'],
      [3, 'ann', 'assign', 'acknowledged', 'acknowledged', null, 'bob', null],
      [4, 'bob', 'close', 'acknowledged', 'closed', 'confirmed', 'bob', 'card blocked'],
    ]);
    expect(await state('a1')).toEqual([['closed', 'confirmed', 'bob', 'card blocked']]);
    expect(await stand.rows('SELECT transaction_id, merchant_id, source FROM ops.fraud_labels')).toEqual([['1', '501', 'alert a1']]);
  });

  it('that is closed at once is taken first', async () => {
    await order('close', { ids: ['a2'], outcome: 'false_positive' });
    expect((await events('a2')).map(([, , action, from, to]) => [action, from, to])).toEqual([
      ['acknowledge', 'open', 'acknowledged'],
      ['close', 'acknowledged', 'closed'],
    ]);
  });

  it('stays as it is when an order says what is so already', async () => {
    await order('close', { ids: ['a2'], outcome: 'false_positive' });
    expect(await order('close', { ids: ['a2'], outcome: 'false_positive' })).toMatchObject({ changed: 0, unchanged: 1 });
    expect(await order('ack', { ids: ['a2'] })).toMatchObject({ refused: [{ id: 'a2', because: 'it is closed' }] });
    expect(await events('a2')).toHaveLength(2);
  });

  it('that is closed gets another outcome only with the reason', async () => {
    await order('close', { ids: ['a3'], outcome: 'confirmed' });
    expect(await order('close', { ids: ['a3'], outcome: 'inconclusive' })).toMatchObject({ changed: 0, refused: [{ id: 'a3' }] });
    await order('close', { ids: ['a3'], outcome: 'inconclusive', note: 'the customer made it' });
    expect(await stand.rows('SELECT transaction_id FROM ops.fraud_labels')).toEqual([]);
    expect(await state('a3')).toEqual([['closed', 'inconclusive', 'ann', 'the customer made it']]);
    expect(await events('a3')).toHaveLength(3);
  });

  it('is in the queue only when its rule is live', async () => {
    expect(await state('a8')).toEqual([]);
    await expect(order('ack', { ids: ['a1', 'a8'] })).rejects.toThrow('there is no alert a8');
    expect(await events('a1')).toEqual([]);
  });
});

describe('many at once', () => {
  it('are closed by rule, entity and time, in one order; closed ones are left', async () => {
    await order('close', { ids: ['a1'], outcome: 'confirmed' });
    expect(await order('close', { rule: 'velocity', outcome: 'false_positive', before: '2026-11-01T03:00:00Z' })).toEqual({
      ...{ changed: 2, unchanged: 0, refused: [], remaining: 0 },
    });
    expect(await stand.rows(`SELECT alert_id, outcome FROM gold.fraud_queue WHERE state = 'closed' ORDER BY alert_id`)).toEqual([
      ['a1', 'confirmed'],
      ['a2', 'false_positive'],
      ['a3', 'false_positive'],
    ]);
    expect(await order('close', { entity: 'c1', outcome: 'inconclusive' })).toMatchObject({ changed: 2 });
    await expect(order('close', { outcome: 'confirmed' })).rejects.toThrow('choose alerts by ids, rule or entity');
  });

  it('give each rule its precision', async () => {
    await order('close', { ids: ['a1', 'a2', 'a3'], outcome: 'confirmed' });
    await order('close', { ids: ['a4'], outcome: 'false_positive' });
    await order('close', { ids: ['a5'], outcome: 'inconclusive' });
    expect(
      await stand.rows(
        `SELECT rule_id, alerts, open, confirmed, false_positive, inconclusive, precision FROM gold.fraud_rule_precision ORDER BY rule_id`,
      ),
    ).toEqual([
      ['structuring', '3', '2', '0', '0', '1', null],
      ['velocity', '4', '0', '3', '1', '0', 0.75],
    ]);
  });

  it('write nothing once another process has taken the store', async () => {
    await stand.connection.run('UPDATE ops.state SET epoch = 2');
    await expect(order('ack', { ids: ['a1'] })).rejects.toMatchObject({ code: 'LF_STORE_FENCED' });
    expect(await events('a1')).toEqual([]);
  });
});
