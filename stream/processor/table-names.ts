// The tables behind the topics. Debezium replaces the characters of a table's name that Kafka does not allow, so the name cannot be
// read off the topic; and two tables may then have one topic. The source block of every event has the real name.

import { EXCLUDED_TABLES } from '../../cdc/connector/config.ts';
import { topicPart } from '../../cdc/connector/topic-names.ts';
import type { ControlAction } from '../../lake/store/batch.ts';

/** Captured tables by the part of the topic's name that stands for them. The maps are replaced, never changed: a staged commit keeps its own. */
export class TableNames {
  private owners: ReadonlyMap<string, string>;
  private live: ReadonlySet<string>;
  private readonly held: Set<string>;
  private readonly excluded: Set<string>;

  /**
   * @param carried names as MySQL has them, in the order they came
   * @param held tables whose records are parked
   * @param excluded tables that a person has left out
   */
  constructor(carried: Iterable<string>, held: Iterable<string> = [], excluded: readonly string[] = []) {
    this.excluded = new Set([...EXCLUDED_TABLES, ...excluded]);
    this.held = new Set(held);
    this.live = new Set([...carried, ...this.held]);
    this.owners = ownersOf(this.live);
  }

  /** The connector does not capture the table; its schema changes come all the same. */
  excludes(table: string): boolean {
    return this.excluded.has(table);
  }

  /** A table that was left out is captured from now on. */
  capture(table: string): void {
    this.excluded.delete(table);
  }

  /** Tables that exist in the source as far as the topics tell. */
  get tables(): ReadonlySet<string> {
    return this.live;
  }

  /** Tables that are in silver. */
  get carried(): string[] {
    return [...this.live].filter((table) => !this.held.has(table));
  }

  /** Table of a topic by the part of its name; the first comer where several share it, and the part itself while none is known. */
  of(part: string): string {
    return this.owners.get(part) ?? part;
  }

  /** The table that has the topic which this table's events come in; null when none has it yet. */
  topicOwner(table: string): string | null {
    return this.owners.get(topicPart(table)) ?? null;
  }

  /** The same as `of`, as it is now, for use later on. */
  lookup(partOf: (topicId: number) => string | undefined): (topicId: number) => string | undefined {
    const { owners } = this;
    return (topicId) => {
      const part = partOf(topicId);
      return part === undefined ? undefined : (owners.get(part) ?? part);
    };
  }

  /** Tables that share a topic with another one, which came first and owns it. */
  sharing(): string[] {
    return [...this.live].filter((table) => this.owners.get(topicPart(table)) !== table);
  }

  /** Follows a control of the store. */
  note(control: ControlAction): void {
    if (control.kind === 'clear' || control.kind === 'snapshot') return;
    const live = new Set(this.live);
    if (control.kind === 'drop') live.delete(control.table);
    else live.add(control.table);
    if (control.kind === 'schema' && control.previousTable !== undefined) live.delete(control.previousTable);
    if (control.kind === 'hold') this.held.add(control.table);
    else if (control.kind === 'schema' || control.kind === 'drop') this.held.delete(control.table);
    this.live = live;
    this.owners = ownersOf(live);
  }
}

function ownersOf(tables: Iterable<string>): ReadonlyMap<string, string> {
  const owners = new Map<string, string>();
  for (const table of tables) {
    const part = topicPart(table);
    if (!owners.has(part)) owners.set(part, table);
  }
  return owners;
}

const SOURCE_KEY = Buffer.from('"source":{');
const TABLE = /"table":("(?:[^"\\]|\\.)*")/;

/** Real table of a change event, from its source block; null when there is none. */
export function tableOfEvent(value: Buffer): string | null {
  const at = value.lastIndexOf(SOURCE_KEY);
  const match = at < 0 ? null : TABLE.exec(value.toString('utf8', at));
  return match === null ? null : (JSON.parse(match[1] ?? '""') as string);
}
