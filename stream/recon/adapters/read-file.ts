// A file of any format as events, by the adapter of its source.

import { open } from 'node:fs/promises';
import { readBai2 } from './bai2/read.ts';
import { readCamt } from './camt/read.ts';
import { dialectOf } from './csv/dialect.ts';
import { readCsv } from './csv/read.ts';
import { readCustom } from './custom/load.ts';
import type { FormatEvent } from './events.ts';
import { readJson } from './json/read.ts';
import { readMt940 } from './mt940/read.ts';
import { readOfx } from './ofx/read.ts';
import type { AdapterConfig, SourceConfig } from './source-config.ts';
import { surveyFile, textOf } from './survey.ts';

interface FileReading {
  readonly events: AsyncIterable<FormatEvent[]>;
  readonly readAs: Readonly<Record<string, string>>;
  readonly idPrefix: string;
  readonly digest: () => { readonly sha256: string; readonly bytes: number };
}

type FileAdapter = Exclude<AdapterConfig, { kind: 'http' | 'mysql' | 'lake' }>;

/** @param folder where modules of custom adapters lie. @throws LedgerflowError LF_STATEMENT_INPUT, LF_STATEMENT_FORMAT, LF_STATEMENT_AMBIGUOUS */
export async function fileReading(source: SourceConfig, file: string, folder: string): Promise<FileReading> {
  const adapter = source.adapter as FileAdapter;
  const { sha256, bytes, encoding, encodingBy } = await surveyFile(file, adapter.encoding);
  const { events, readAs } = await eventsOf({
    source,
    adapter,
    folder,
    text: textOf(file, encoding),
    sample: () => sampleOf(file, encoding),
  });
  return {
    events,
    readAs: { encoding: `${encoding} (${encodingBy})`, ...readAs },
    idPrefix: sha256.slice(0, 16),
    digest: () => ({ sha256, bytes }),
  };
}

interface FileParts {
  readonly source: SourceConfig;
  readonly adapter: FileAdapter;
  readonly folder: string;
  readonly text: AsyncIterable<string>;
  readonly sample: () => Promise<string>;
}

async function eventsOf({ source, adapter, folder, text, sample }: FileParts): Promise<Pick<FileReading, 'events' | 'readAs'>> {
  const { timezone } = source;
  switch (adapter.kind) {
    case 'csv': {
      const dialect = await dialectOf(await sample(), adapter);
      const { delimiter, decimal, dateFormat } = dialect;
      return { events: readCsv(text, dialect, source), readAs: { delimiter, decimal, dateFormat } };
    }
    case 'camt':
      return { events: readCamt(text, { details: adapter.details, timezone }), readAs: { details: adapter.details } };
    case 'mt940':
      return { events: readMt940(text), readAs: {} };
    case 'ofx':
      return { events: readOfx(text, timezone), readAs: {} };
    case 'bai2':
      return { events: readBai2(text, adapter.currency), readAs: {} };
    case 'json': {
      const { mapping, list, totals } = adapter;
      const form = adapter.form === 'auto' ? formOf(await sample(), list) : adapter.form;
      return { events: readJson(text, form, { mapping, list, totals, timezone }), readAs: { form } };
    }
    case 'custom':
      return {
        events: readCustom(folder, adapter.module, { text, options: adapter.options, timezone }),
        readAs: { module: adapter.module },
      };
  }
}

/** Lines hold an object each; a document is a list, or has its list at a path. */
function formOf(sample: string, list: string): 'lines' | 'document' {
  const [first = ''] = sample.trimStart().split(/\r\n|\n|\r/);
  const isObject = first.startsWith('{') && first.trimEnd().endsWith('}');
  return isObject && (list === '' || first.trim() !== sample.trim()) ? 'lines' : 'document';
}

const SAMPLE_BYTES = 262_144;

/** The begin of a file as text, for looking at how it is written. */
export async function sampleOf(file: string, encoding: string): Promise<string> {
  const handle = await open(file);
  try {
    const { buffer, bytesRead } = await handle.read(Buffer.alloc(SAMPLE_BYTES), 0, SAMPLE_BYTES, 0);
    const text = new TextDecoder(encoding).decode(buffer.subarray(0, bytesRead), { stream: true });
    if (bytesRead < SAMPLE_BYTES) return text;
    const end = Math.max(text.lastIndexOf('\n'), text.lastIndexOf('\r'));
    return end > 0 ? text.slice(0, end + 1) : text;
  } finally {
    await handle.close();
  }
}
