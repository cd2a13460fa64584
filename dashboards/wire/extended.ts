// The extended protocol: named statements and portals, Parse, Bind, Describe, Execute, Close.

import type { CommandRunner } from './commands.ts';
import { SqlFailure } from './failures.ts';
import { BodyReader, type Frame } from './frames.ts';
import { splitStatements } from './lexer.ts';
import { empty, parameterDescription, rowDescription } from './messages.ts';
import type { Outlet } from './outlet.ts';
import { decodeParameter, type BoundParameter } from './parameters.ts';
import { formatOf, type Portal } from './portal.ts';
import type { Prepared } from './prepared.ts';

/** Statements and portals one client may keep. */
const NAMES_MAX = 1_000;

interface BoundPortal {
  readonly prepared: Prepared;
  readonly formats: readonly number[];
  /** Undefined for commands the endpoint answers itself. */
  readonly portal: Portal | undefined;
}

export class Extended {
  readonly #runner: CommandRunner;
  readonly #out: Outlet;
  readonly #statements = new Map<string, Prepared>();
  readonly #portals = new Map<string, BoundPortal>();

  constructor(runner: CommandRunner, out: Outlet) {
    this.#runner = runner;
    this.#out = out;
    runner.control.names = {
      dropStatement: (name) => (name === undefined ? this.#dropStatements() : this.#dropStatement(name)),
      dropPortal: (name) => (name === undefined ? this.closePortals() : this.#dropPortal(name)),
    };
  }

  /** Answers one message of the extended protocol. Errors are the session's to report. */
  async answer({ type, body }: Frame): Promise<void> {
    const reader = new BodyReader(body);
    if (type === 'P') await this.#parse(reader);
    else if (type === 'B') this.#bind(reader);
    else if (type === 'D') this.#describe(reader);
    else if (type === 'E') await this.#execute(reader);
    else if (type === 'C') this.#close(reader);
    else if (type === 'H') this.#out.flush();
    else if (!['d', 'c', 'f'].includes(type)) throw new SqlFailure('08P01', `message type "${type}" is not known`, { fatal: true });
  }

  async #parse(reader: BodyReader): Promise<void> {
    const name = reader.text();
    const statements = splitStatements(reader.text());
    const declared = Array.from({ length: reader.int16() }, () => reader.int32());
    if (statements.length > 1) throw new SqlFailure('42601', 'cannot insert multiple commands into a prepared statement');
    if (name !== '' && this.#statements.has(name)) throw new SqlFailure('42P05', `prepared statement "${name}" already exists`);
    if (this.#statements.size >= NAMES_MAX)
      throw new SqlFailure('54000', `more than ${NAMES_MAX} prepared statements`, { hint: 'DEALLOCATE the ones not needed.' });
    const prepared = await this.#runner.prepare(statements[0] ?? '', declared);
    this.#dropStatement(name);
    this.#statements.set(name, prepared);
    empty(this.#out.messages, '1');
  }

  #bind(reader: BodyReader): void {
    const name = reader.text();
    const prepared = this.#statement(reader.text());
    const valueFormats = Array.from({ length: reader.int16() }, () => reader.int16());
    const count = reader.int16();
    if (count !== prepared.parameters.length)
      throw new SqlFailure('08P01', `bind message supplies ${count} parameters, but the statement needs ${prepared.parameters.length}`);
    const values: BoundParameter[] = prepared.parameters.map((oid, index) => {
      const length = reader.int32();
      return decodeParameter(oid, formatOf(valueFormats, index), length < 0 ? null : reader.bytes(length));
    });
    const formats = Array.from({ length: reader.int16() }, () => reader.int16());
    if (name !== '' && this.#portals.has(name)) throw new SqlFailure('42P03', `cursor "${name}" already exists`);
    if (this.#portals.size >= NAMES_MAX) throw new SqlFailure('54000', `more than ${NAMES_MAX} cursors`);
    this.#dropPortal(name);
    const portal = prepared.query === undefined ? undefined : this.#runner.portal(prepared, formats, values);
    this.#portals.set(name, { prepared, formats, portal });
    empty(this.#out.messages, '2');
  }

  #describe(reader: BodyReader): void {
    const kind = reader.byte();
    const name = reader.text();
    const { prepared, formats } = kind === 'S' ? { prepared: this.#statement(name), formats: [] } : this.#portal(name);
    if (kind === 'S') parameterDescription(this.#out.messages, prepared.parameters);
    const { columns } = prepared;
    if (columns === undefined || prepared.plan.command.kind === 'copy') return empty(this.#out.messages, 'n');
    rowDescription(
      this.#out.messages,
      columns,
      columns.map((_, index) => formatOf(formats, index)),
    );
  }

  async #execute(reader: BodyReader): Promise<void> {
    const { prepared, portal } = this.#portal(reader.text());
    const rows = reader.int32();
    if (portal === undefined) await this.#runner.control.run(prepared.plan.command);
    else await this.#runner.execute(portal, prepared, Math.max(rows, 0));
  }

  #close(reader: BodyReader): void {
    if (reader.byte() === 'S') this.#dropStatement(reader.text());
    else this.#dropPortal(reader.text());
    empty(this.#out.messages, '3');
  }

  /** At the end of a transaction its portals are gone. */
  closePortals(): void {
    for (const name of [...this.#portals.keys()]) this.#dropPortal(name);
  }

  closeUnnamed(): void {
    this.#dropPortal('');
    this.#dropStatement('');
  }

  clear(): void {
    this.closePortals();
    this.#dropStatements();
  }

  #dropStatements(): void {
    for (const name of [...this.#statements.keys()]) this.#dropStatement(name);
  }

  #dropStatement(name: string): void {
    this.#statements.delete(name);
  }

  #dropPortal(name: string): void {
    this.#portals.get(name)?.portal?.close();
    this.#portals.delete(name);
  }

  #statement(name: string): Prepared {
    const prepared = this.#statements.get(name);
    if (prepared === undefined) throw new SqlFailure('26000', `prepared statement "${name}" does not exist`);
    return prepared;
  }

  #portal(name: string): BoundPortal {
    const portal = this.#portals.get(name);
    if (portal === undefined) throw new SqlFailure('34000', `portal "${name}" does not exist`);
    return portal;
  }
}
