// How records with named fields (CSV, JSON, an API, a query) become entries: one reviewed mapping per source.

import { z } from 'zod';

/** A field by its name; a column without a name by its position, from 1. In JSON a name may be a path, such as `amount.value`. */
const field = z.union([z.string().min(1).max(200), z.number().int().min(1).max(1_000)]);
/** Several fields are joined, with a space or, in a number, with a slash. */
const fields = z.union([field, z.array(field).min(1).max(10)]);
const words = z.array(z.string().min(1).max(100)).min(1).max(20);

export type FieldRef = z.infer<typeof field>;
export type FieldRefs = z.infer<typeof fields>;

const amountShape = z.union([
  /** One signed amount. */
  z.strictObject({ amount: field }),
  /** Money in and money out in two fields, one of them empty or zero. */
  z.strictObject({ credit: field, debit: field }),
  /** An amount without sign, and a field that says which way. */
  z.strictObject({ amount: field, direction: field, credit: words.prefault(['C', 'CR', 'CRDT', 'CREDIT']), debit: words.prefault(['D', 'DR', 'DBIT', 'DEBIT']) }), // prettier-ignore
]);

export const mappingSchema = z.strictObject({
  externalId: fields.optional(),
  bookedAt: field,
  /** A time of day beside the date of `bookedAt`, joined with a space. */
  bookedTime: field.optional(),
  valueDate: field.optional(),
  money: amountShape,
  /** The amount is a whole number of minor units (cents). */
  minorUnits: z.boolean().default(false),
  currency: field.optional(),
  account: field.optional(),
  reference: fields.optional(),
  description: fields.optional(),
  counterparty: fields.optional(),
  batchKey: field.optional(),
  kind: field.optional(),
  /** Which values of a field are read as booked or pending; records with any other value are left out, and not counted. */
  status: z.strictObject({ field, booked: words, pending: words.optional() }).optional(),
  /** The balance after each entry: every one is proven from the one before. */
  runningBalance: z.strictObject({ field, order: z.enum(['oldest-first', 'newest-first']).default('oldest-first') }).optional(),
  /** For what no field has. */
  constants: z.strictObject({ currency: z.string().length(3).optional(), account: z.string().max(100).optional() }).prefault({}),
  decimal: z.enum(['auto', '.', ',']).default('auto'),
  /** `auto`, `iso`, `unix`, `unix-ms`, or a format in the words of luxon, such as `d.M.yyyy` or `M/d/yyyy h:mm a`. */
  dateFormat: z.string().min(1).max(60).default('auto'),
});

export type Mapping = z.infer<typeof mappingSchema>;

/** Lines of a CSV file that are no entries: a first field says what each line is, as in files with header and trailer records. */
export const recordsSchema = z.strictObject({
  field: z.number().int().min(1).max(1_000).default(1),
  header: z
    .strictObject({
      value: z.string(),
      account: z.number().int().optional(),
      currency: z.number().int().optional(),
      date: z.number().int().optional(),
      opening: z.number().int().optional(),
    }) // prettier-ignore
    .optional(),
  entry: z.string(),
  trailer: z
    .strictObject({
      value: z.string(),
      entries: z.number().int().optional(),
      credits: z.number().int().optional(),
      debits: z.number().int().optional(),
      net: z.number().int().optional(),
      closing: z.number().int().optional(),
    }) // prettier-ignore
    .optional(),
});

export type RecordsMapping = z.infer<typeof recordsSchema>;
