// What commands and Debezium's notifications tell the processor of backfills. The pipeline asks it for what the next commit must hold.

import type { Page } from '../../cdc/envelope/page.ts';
import { unsupportedColumns, unsupportedTable } from '../../cdc/schema/column-type.ts';
import type { TableSchema } from '../../cdc/schema/table-schema.ts';
import type { Config } from '../../infra/runtime/settings.ts';
import { LedgerflowError } from '../../infra/runtime/errors.ts';
import type { ControlAction } from '../../lake/store/batch.ts';
import type { Holds } from '../processor/holds.ts';
import type { StagedControl } from '../processor/cut/control-list.ts';
import type { TableNames } from '../processor/table-names.ts';
import { brokenBulkReads } from './broken.ts';
import { BulkLoads, bulkFolder, type BulkParts } from './bulk-loads.ts';
import { BackfillProgress, type ReadProgress } from './progress.ts';

const NOT_READ_YET = 'it is captured from now on and has not been read yet: `ledgerflow backfill` reads it';

export interface BackfillContext {
  readonly holds: Holds;
  readonly database: string;
  readonly schemas: ReadonlyMap<string, TableSchema>;
  readonly names: TableNames;
}

interface Planner {
  readonly plan: (controls: readonly StagedControl[]) => Promise<ControlAction[]>;
}

export class Backfills {
  readonly bulk: Pick<BulkLoads, 'load' | 'finish' | 'ended'>;
  private readonly context: BackfillContext;
  private readonly progress = new BackfillProgress();
  private readonly announced = new Map<string, TableSchema>();

  constructor(context: BackfillContext, bulk: Backfills['bulk']) {
    this.context = context;
    this.bulk = bulk;
  }

  static of(
    found: Pick<BackfillContext, 'holds' | 'names' | 'schemas'>,
    config: Pick<Config, 'home' | 'mysqlDatabase'>,
    {
      intake,
      ...parts
    }: Pick<BulkParts, 'store' | 'committer' | 'housekeeping'> & { readonly intake: { readonly serverUuid: string | null } },
  ): Backfills {
    const { holds, names, schemas } = found;
    const bulk = new BulkLoads({ ...parts, folder: bulkFolder(config.home), holds, serverUuid: () => intake.serverUuid });
    return new Backfills({ holds, names, schemas, database: config.mysqlDatabase }, bulk);
  }

  /** Messages of Debezium's notification topic, for `others` too. */
  notePage(page: Page, ...others: readonly { note(value: Buffer | null): void }[]): void {
    for (let index = 0; index < page.count; index += 1) for (const told of [this.progress, ...others]) told.note(page.value(index));
  }

  progressOf(signals: readonly string[]): ReadProgress[] {
    return signals.flatMap((signal) => this.progress.of(signal) ?? []);
  }

  /**
   * A table that is to be captured from now on. It is held, its rows parked, until a backfill has read it: so no transaction with rows of
   * it waits for a schema that nobody would send.
   * @throws LedgerflowError LF_BACKFILL_REFUSED when it cannot be carried
   */
  announce(schema: TableSchema): { readonly table: string; readonly state: 'known' | 'announced' } {
    const { schemas, holds, names, database } = this.context;
    const { table } = schema;
    if (schema.database !== database)
      throw new LedgerflowError('LF_BACKFILL_REFUSED', `${schema.database} is not captured`, { where: table });
    if (schemas.has(table) || holds.get(table) !== undefined) return { table, state: 'known' };
    const other = unsupportedTable(schema, { carried: names.carried, topicOwner: names.topicOwner(table) });
    const reason = other ?? unsupportedColumns(schema)[0]?.message ?? (schema.keyColumns.length === 0 ? 'it has no primary key' : null);
    if (reason !== null) throw new LedgerflowError('LF_BACKFILL_REFUSED', reason, { where: table });
    names.capture(table);
    this.announced.set(table, schema);
    return { table, state: 'announced' };
  }

  /** A planner that ends the bulk reads of tables whose shape changes, or that are truncated, before it plans for them. */
  planner(planner: Planner): Planner {
    const { holds, names } = this.context;
    return {
      plan: async (controls) => {
        const broken = brokenBulkReads(controls, holds, names);
        for (const action of broken) holds.apply(action);
        return [...broken, ...(await planner.plan(controls))];
      },
    };
  }

  /** Tables announced since the last commit: held until they are read. */
  holdsNew(): ControlAction[] {
    const actions = [...this.announced.values()].map((schema): Extract<ControlAction, { kind: 'hold' }> => {
      return { kind: 'hold', table: schema.table, seq: 0, ddl: '', code: 'LF_TABLE_HELD', reason: NOT_READ_YET, schema };
    });
    this.announced.clear();
    for (const action of actions) this.context.names.note(action);
    return actions;
  }
}
