// Runs one command and answers it: queries through a portal in the client's read-only transaction, session commands in control.ts.

import { bindParameters, type BoundParameter } from './parameters.ts';
import type { Turn } from './turn.ts';
import { Control, controlColumns } from './control.ts';
import { copyLine, lineOf } from './copy.ts';
import { SqlFailure, toSqlFailure } from './failures.ts';
import { commandComplete, copyData, copyOut, empty, rowDescription } from './messages.ts';
import type { Outlet } from './outlet.ts';
import { dataRow, Portal, type RowWriter } from './portal.ts';
import { prepareQuery, textColumns, type Prepared } from './prepared.ts';
import { readsRelations } from './planner.ts';
import type { LakeState } from './reading.ts';
import type { SessionDeps } from './session-deps.ts';
import type { Command } from './statement.ts';

type CopyCommand = Extract<Command, { kind: 'copy' }>;

export class CommandRunner {
  readonly control: Control;
  readonly #deps: SessionDeps;
  readonly #out: Outlet;
  /** The portal whose result DuckDB still holds open. */
  #streaming: Portal | undefined;

  constructor(deps: SessionDeps, out: Outlet) {
    this.#deps = deps;
    this.#out = out;
    this.control = new Control(deps, out, () => this.#freeConnection());
  }

  /** One statement of a simple query, all rows. */
  async runText(sql: string): Promise<void> {
    const prepared = await this.prepare(sql, []);
    if (prepared.columns !== undefined && prepared.plan.command.kind !== 'copy') rowDescription(this.#out.messages, prepared.columns, []);
    if (prepared.query === undefined) await this.control.run(prepared.plan.command);
    else {
      if (prepared.parameters.length > 0) throw new SqlFailure('42P02', 'there is no parameter $1');
      await this.execute(this.portal(prepared, [], []), prepared, 0);
      prepared.query.statement.destroySync();
    }
  }

  /** Plans and describes a statement. Inside a failed transaction only commands that end it are taken. */
  async prepare(sql: string, declared: readonly number[]): Promise<Prepared> {
    const { backend, planner, settings } = this.#deps;
    const plan = await planner.plan(sql, settings.get('search_path') ?? '', await this.#lake(sql));
    if (plan.sql === undefined) return { plan, parameters: [], columns: controlColumns(plan.command), query: undefined };
    if (backend.status === 'E') await backend.needTransaction();
    await this.#freeConnection();
    const connection = await backend.connection();
    await this.control.shareSettings(connection, plan);
    const { parameters, ...query } = await prepareQuery(connection, plan, declared);
    return { plan, parameters, columns: plan.command.kind === 'explain' ? textColumns('QUERY PLAN') : query.columns, query };
  }

  /** The lake's state a query reads. Commands such as RESET are planned without it: they must work whatever the settings name. */
  async #lake(sql: string): Promise<LakeState | undefined> {
    const { backend, reading } = this.#deps;
    if (backend.status === 'E' || !reading.asked || !readsRelations(sql)) return undefined;
    await this.#freeConnection();
    return reading.current();
  }

  portal({ query, plan, parameters }: Prepared, formats: readonly number[], values: readonly BoundParameter[]): Portal {
    if (query === undefined) throw new SqlFailure('XX000', 'the command has no query');
    const { statement, columns, sql } = query;
    const repeatable = parameters.length === 0 && plan.command.kind !== 'explain' ? sql : undefined;
    const verifyComplete = (): Promise<void> => this.#deps.backend.verifyComplete(repeatable);
    const bind = (): void => bindParameters(statement, values);
    return new Portal({ statement, columns, formats, bind, verifyComplete, rowsMax: this.#deps.rowsMax });
  }

  /** Sends up to `portionRows` rows and the end of the command; false when rows remain. */
  async execute(portal: Portal, { plan }: Prepared, portionRows: number): Promise<boolean> {
    const { backend, observe } = this.#deps;
    const { command } = plan;
    const began = performance.now();
    let sqlstate: string | undefined;
    try {
      if (!portal.open) await this.#freeConnection();
      await backend.needTransaction();
      this.#streaming = portal;
      return await backend.run(async (turn) => this.#send(portal, command, { turn, portionRows }));
    } catch (error) {
      portal.close();
      sqlstate = toSqlFailure(error).sqlstate;
      throw error;
    } finally {
      if (!portal.open) this.#streaming = undefined;
      observe({
        sql: 'sql' in command ? command.sql : command.kind,
        rows: portal.rowsSent,
        durationMs: performance.now() - began,
        sqlstate,
      });
    }
  }

  async #send(portal: Portal, command: Command, { turn, portionRows }: { turn: Turn; portionRows: number }): Promise<boolean> {
    const { messages } = this.#out;
    if (command.kind === 'explain') {
      await portal.send(turn, this.#out, 0, planLines);
      commandComplete(messages, 'EXPLAIN');
    } else if (command.kind === 'copy') {
      this.#beginCopy(portal, command);
      await portal.send(turn, this.#out, 0, copyLine(command));
      empty(messages, 'c');
      commandComplete(messages, `COPY ${portal.rowsSent}`);
    } else if ((await portal.send(turn, this.#out, portionRows)) === 'suspended') {
      empty(messages, 's');
      return false;
    } else commandComplete(messages, `SELECT ${portal.rowsSent}`);
    return true;
  }

  #beginCopy({ source }: Portal, command: CopyCommand): void {
    copyOut(this.#out.messages, source.columns.length);
    if (!command.header) return;
    copyData(
      this.#out.messages,
      lineOf(
        source.columns.map(({ name }) => name),
        command,
      ),
    );
  }

  /** DuckDB drops an unfinished result, silently, when another statement runs on its connection: the rest is read first. */
  async #freeConnection(): Promise<void> {
    const portal = this.#streaming;
    if (portal?.open !== true) return;
    await this.#deps.backend.run((turn) => portal.setAside(turn));
    this.#streaming = undefined;
  }
}

/** EXPLAIN's text, a row for each line as PostgreSQL does. */
const planLines: RowWriter = (out, { columns, encoders }, row) => {
  const lines = String(columns[1]?.[row] ?? '').split('\n');
  for (const index of lines.keys()) dataRow(out, { columns: [lines], encoders: encoders.slice(1) }, index);
};
