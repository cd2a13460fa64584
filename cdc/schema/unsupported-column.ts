// A column whose values cannot be carried exactly. Named at doctor and registration, never carried as NULL.

import { LedgerflowError } from '../../infra/runtime/errors.ts';
import type { ColumnSchema } from './table-schema.ts';

export class UnsupportedColumn extends LedgerflowError {
  readonly column: ColumnSchema;
  readonly reason: string;

  constructor(column: ColumnSchema, reason: string, where?: string) {
    super(
      'LF_COLUMN_UNSUPPORTED',
      `column ${column.name} (${column.typeName}) cannot be carried: ${reason}`,
      where === undefined ? {} : { where },
    );
    this.column = column;
    this.reason = reason;
  }
}
