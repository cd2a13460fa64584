// Schema of a table as a command announces it, before Debezium has said anything about it.

import { z } from 'zod';
import type { TableSchema } from '../../cdc/schema/table-schema.ts';

const nameSchema = z.string().min(1).max(64);
const columnSchema = z.strictObject({
  name: nameSchema,
  typeName: z.string().min(1).max(200),
  length: z.int().nullable(),
  scale: z.int().nullable(),
  nullable: z.boolean(),
  position: z.int().positive(),
  charset: z.string().nullable(),
  enumValues: z.array(z.string()).nullable(),
  defaultValue: z.string().nullable(),
  generated: z.boolean(),
});

export const tableSchemaSchema: z.ZodType<TableSchema> = z.strictObject({
  database: nameSchema,
  table: nameSchema,
  columns: z.array(columnSchema).min(1).max(4_096),
  keyColumns: z.array(nameSchema).max(16),
});
