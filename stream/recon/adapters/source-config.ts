// The registry of statement sources: one reviewed JSON file names every source, how it is read, when, and what it is matched against.

import { IANAZone } from 'luxon';
import { z } from 'zod';
import { mappingSchema, recordsSchema } from './mapping.ts';

const encoding = z.enum(['auto', 'utf-8', 'windows-1252', 'iso-8859-1', 'iso-8859-15', 'utf-16le', 'utf-16be']).default('auto');
const sql = z.string().min(1).max(20_000);
/** The name of a secret, never the secret itself: the content of the file `recon.secrets/NAME` beside the configuration. */
const secretName = z.string().regex(/^[A-Za-z0-9_-]{1,64}$/);
const header = z.string().regex(/^[A-Za-z0-9-]{1,64}$/);

const csv = z.strictObject({
  kind: z.literal('csv'),
  encoding,
  delimiter: z.union([z.literal('auto'), z.string().length(1)]).default('auto'),
  quote: z.string().length(1).default('"'),
  /** Lines before the one with the names of the columns. */
  skipLines: z.number().int().min(0).max(1_000).default(0),
  /** false: the file has no line with names. */
  names: z.boolean().default(true),
  records: recordsSchema.optional(),
  /** `auto`: names of columns that are well known are recognised; what was recognised is shown by `recon inspect`. */
  mapping: z.union([z.literal('auto'), mappingSchema]).default('auto'),
});

const json = z.strictObject({
  kind: z.literal('json'),
  encoding,
  /** `lines`: one object a line (NDJSON), of any size. `document`: one JSON text with a list of objects in it. */
  form: z.enum(['auto', 'lines', 'document']).default('auto'),
  /** Path to the list in a document, such as `data.entries`; empty: the document is the list. */
  list: z.string().max(200).default(''),
  /** Paths in the document to what the statement says of itself. */
  totals: z.strictObject({ opening: z.string().optional(), closing: z.string().optional(), entries: z.string().optional() }).prefault({}),
  mapping: mappingSchema,
});

const auth = z.discriminatedUnion('kind', [
  z.strictObject({ kind: z.literal('none') }),
  z.strictObject({ kind: z.literal('bearer'), secret: secretName }),
  z.strictObject({ kind: z.literal('header'), name: header, secret: secretName }),
  z.strictObject({ kind: z.literal('basic'), user: z.string().max(200), secret: secretName }),
  z.strictObject({ kind: z.literal('oauth2'), tokenUrl: z.url({ protocol: /^https?$/ }), clientId: z.string().max(200), secret: secretName, scope: z.string().max(500).optional() }), // prettier-ignore
]);

const paging = z.discriminatedUnion('kind', [
  z.strictObject({ kind: z.literal('none') }),
  /** The answer holds the next cursor at `path`; none or null ends. */
  z.strictObject({ kind: z.literal('cursor'), path: z.string().min(1), parameter: z.string().min(1) }),
  /** Pages counted from `first`; one with fewer than `size` records ends. */
  z.strictObject({ kind: z.literal('page'), parameter: z.string().min(1), first: z.number().int().min(0).default(1), size: z.number().int().min(1).max(10_000), sizeParameter: z.string().optional() }), // prettier-ignore
  z.strictObject({ kind: z.literal('offset'), parameter: z.string().min(1), size: z.number().int().min(1).max(10_000), sizeParameter: z.string().optional() }), // prettier-ignore
  /** The address of the next page is in the Link header (RFC 8288, rel="next") or in the answer at `path`; it must be of the same origin. */
  z.strictObject({ kind: z.literal('link'), path: z.string().optional() }),
]);

const http = z.strictObject({
  kind: z.literal('http'),
  /** `{date}` and `{next_date}` stand for the day; `{date:FORMAT}` as in a location; `{position}` for how far the source has been read. */
  url: z.string().regex(/^https?:\/\//),
  /** For `every`: the newest time, or the last number, of the entries read so far; `initial` before the first. Entries that come again are the same rows. */
  position: z
    .strictObject({
      from: z.enum(['bookedAt', 'externalId']),
      initial: z.string().max(200).default(''),
      overlapSeconds: z.number().int().min(0).max(604_800).default(0),
    }) // prettier-ignore
    .optional(),
  headers: z.record(header, z.string().max(1_000)).default({}),
  auth: auth.prefault({ kind: 'none' }),
  paging: paging.prefault({ kind: 'none' }),
  list: z.string().max(200).default(''),
  totals: z.strictObject({ opening: z.string().optional(), closing: z.string().optional(), entries: z.string().optional() }).prefault({}),
  requestsPerMinute: z.number().int().min(1).max(60_000).default(60),
  attemptsMax: z.number().int().min(1).max(20).default(5),
  timeoutMs: z.number().int().min(10).max(600_000).default(30_000),
  pagesMax: z.number().int().min(1).max(1_000_000).default(10_000),
  pageBytesMax: z.number().int().min(1_024).max(268_435_456).default(33_554_432),
  /** Loopback, private and link-local addresses are refused otherwise. */
  allowPrivate: z.boolean().default(false),
  mapping: mappingSchema,
});

const query = { sql, mapping: mappingSchema };
const details = z.enum(['split', 'whole']).default('split');

export const adapterSchema = z.discriminatedUnion('kind', [
  csv,
  json,
  http,
  /** `split`: an entry with several transactions in it becomes one row for each, if their amounts sum to the entry's. */
  z.strictObject({ kind: z.literal('camt'), encoding, details }),
  z.strictObject({ kind: z.literal('mt940'), encoding }),
  z.strictObject({ kind: z.literal('ofx'), encoding }),
  /** `currency`: for files that name none. */
  z.strictObject({ kind: z.literal('bai2'), encoding, currency: z.string().length(3).default('USD') }),
  /** `:date` and `:next_date` are bound. `url`: name of the secret that holds mysql://user:password@host:port/database; none: the bank's own. */
  z.strictObject({ kind: z.literal('mysql'), url: secretName.optional(), ...query }),
  /** `$date` and `$next_date` are bound. */
  z.strictObject({ kind: z.literal('lake'), ...query }),
  /** A module beside the configuration file; docs/recon-adapters.md says what it exports. */
  z.strictObject({ kind: z.literal('custom'), module: z.string().regex(/^[\w./-]+\.m?js$/), encoding, options: z.record(z.string(), z.json()).default({}) }), // prettier-ignore
]);

export const sourceSchema = z.strictObject({
  name: z.string().regex(/^[a-z][a-z0-9_-]{0,62}$/, 'small letters, digits, - and _, at most 63'),
  description: z.string().max(500).default(''),
  adapter: adapterSchema,
  /** Path of the day's file or files: `{date}` is YYYY-MM-DD, `{date:yyyyMMdd}` any form in the words of luxon, `*` any text in the last part. */
  location: z.string().min(1).max(1_000).optional(),
  /** What a line that cannot be read does: it is set aside with its reason, or the whole input is refused. */
  badLines: z.enum(['refuse', 'park']).default('refuse'),
  /** More than these in one input refuse it all the same. */
  parkedLinesMax: z.number().int().min(1).max(1_000_000).default(1_000),
  /** A statement that does not follow on the one before (its balance, its number): nothing, a warning, or the run is refused. */
  continuity: z.enum(['off', 'warn', 'refuse']).default('warn'),
  /** Accounts of the other side that belong here; a statement of any other refuses the input. Empty: any. */
  accounts: z.array(z.string().min(1).max(100)).max(1_000).default([]),
  /** `inverted`: the sender's plus is money that leaves us, as in a merchant's or a processor's books. */
  sign: z.enum(['bank', 'inverted']).default('bank'),
  timezone: z
    .string()
    .refine((it) => IANAZone.isValidZone(it), 'a time zone such as Europe/Zurich')
    .default('UTC'),
  /** Hour of the day, in `timezone`, at which the day before is reconciled; none: only on request. */
  scheduleHour: z.number().int().min(0).max(23).optional(),
  /** Seconds between two looks at an API that is read continuously, each a run of the day so far; needs `position` and numbers of its own. */
  every: z.number().int().min(1).max(86_400).optional(),
  /** Id of the rule set, and its version where not the newest. */
  ruleSet: z.string().min(1).max(100).default('default'),
  ruleSetVersion: z.number().int().min(1).optional(),
  /** Which movements of the bank stand on the other side; empty lists: all. */
  ledger: z
    .strictObject({
      types: z.array(z.string().min(1).max(50)).max(50).default([]),
      accountIds: z.array(z.string().regex(/^\d{1,20}$/)).max(10_000).default([]), // prettier-ignore
      currencies: z.array(z.string().length(3)).max(50).default([]),
      /** Accounts of ours whose entries are compared instead of transactions: a debit is money that came in there. */
      entriesOf: z.array(z.string().regex(/^\d{1,20}$/)).max(100).default([]), // prettier-ignore
      /** `merchant_day`: what was paid to one merchant on one day may arrive as one sum. */
      batchKey: z.enum(['none', 'merchant_day']).default('none'),
    })
    .prefault({}),
  /** A movement without a line is expected for this many days, then it is missing. */
  settleDays: z.number().int().min(0).max(366).default(0),
  /** Days until a break is late; fewer from an amount on. */
  sla: z
    .strictObject({
      days: z.number().int().min(0).default(5),
      largeAmount: z
        .string()
        .regex(/^\d{1,16}$/)
        .default('10000'),
      largeDays: z.number().int().min(0).default(1),
    }) // prettier-ignore
    .prefault({}),
});

export const sourcesFileSchema = z.strictObject({ sources: z.array(sourceSchema).max(1_000) });

export type SourceConfig = z.infer<typeof sourceSchema>;
export type AdapterConfig = z.infer<typeof adapterSchema>;
export type AdapterOf<K extends AdapterConfig['kind']> = Extract<AdapterConfig, { kind: K }>;
