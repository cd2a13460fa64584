// Parked records in Avro become JSON before a re-drive, by the decoder of the thread that fetches. The registry is asked while the stream
// goes on; at the quiet point nothing waits for it.

import type { DuckDBConnection } from '@duckdb/node-api';
import { faultText, isDecodeFault, parseFault } from '../../cdc/codec/fault.ts';
import type { MessageDecoder } from '../../cdc/codec/message-decoder.ts';
import { schemaIdOf } from '../../cdc/codec/wire-format.ts';
import { LedgerflowError } from '../../infra/runtime/errors.ts';
import { readCodedIds, readParkedMessage, writeParkedMessage, type ParkedMessage } from '../../lake/store/coded-parked.ts';

/** Why a record is still not decoded. */
export interface DecodeFault {
  /** Null when nothing new is known of the record: the registry does not answer. */
  readonly code: string | null;
  readonly detail: string;
}

/** For one re-drive. */
export class ParkedDecoder {
  /** Keys or values in ops.parked are other ones now. */
  changed = false;
  private readonly decoder: MessageDecoder;
  /** What the registry said, by the schema ids of key and value. */
  private readonly asked = new Map<string, LedgerflowError | null>();
  private away: LedgerflowError | null = null;

  constructor(decoder: MessageDecoder) {
    this.decoder = decoder;
  }

  /** Asks for the schemas of all parked records, each once; a registry that does not answer is not asked again. */
  async ask(connection: DuckDBConnection): Promise<void> {
    for (const id of await readCodedIds(connection)) {
      const message = await readParkedMessage(connection, id);
      const schemas = schemasOf(message);
      if (this.asked.has(schemas)) continue;
      const answer = await this.decoder.ask(message);
      if (answer?.code === 'LF_REGISTRY_UNREACHABLE') {
        this.away = answer;
        return;
      }
      this.asked.set(schemas, answer);
    }
  }

  /** Decodes in ops.parked what can be; returns why the others cannot, by their numbers. Needs a connection without a transaction. */
  async decode(connection: DuckDBConnection): Promise<ReadonlyMap<number, DecodeFault>> {
    const faults = new Map<number, DecodeFault>();
    const ids = await readCodedIds(connection);
    if (ids.length === 0) return faults;
    await connection.run('BEGIN');
    try {
      for (const id of ids) {
        const fault = await this.decodeOne(connection, id);
        if (fault !== null) faults.set(id, fault);
      }
      await connection.run('COMMIT');
    } catch (error) {
      await connection.run('ROLLBACK').catch(() => undefined); // the first error is the one to report
      throw error;
    }
    return faults;
  }

  private async decodeOne(connection: DuckDBConnection, id: number): Promise<DecodeFault | null> {
    const message = await readParkedMessage(connection, id);
    const schemas = schemasOf(message);
    const answer = this.asked.has(schemas) ? this.asked.get(schemas) : (this.away ?? parkedMeanwhile());
    if (answer !== null && answer !== undefined) return faultOf(answer);
    const decoded = this.decoder.decodeKnown(message);
    if (decoded.key !== message.key || decoded.value !== message.value) {
      this.changed = true;
      await writeParkedMessage(connection, id, decoded);
    }
    if (decoded.fault === undefined) return null;
    const fault = parseFault(decoded.fault);
    return { code: fault?.code ?? null, detail: fault?.message ?? decoded.fault };
  }
}

const schemasOf = ({ key, value }: ParkedMessage): string => `${schemaIdOf(key)},${schemaIdOf(value)}`;

function faultOf(error: LedgerflowError): DecodeFault {
  return isDecodeFault(error.code) ? { code: error.code, detail: error.message } : { code: null, detail: faultText(error) };
}

function parkedMeanwhile(): LedgerflowError {
  return new LedgerflowError('LF_REGISTRY_UNREACHABLE', 'it was parked after the schemas were asked for: re-drive it again');
}
