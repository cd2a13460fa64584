// The processor's door for certificates: one is made, kept in gold.certificates, and given back.

import type { DuckDBConnection } from '@duckdb/node-api';
import { z } from 'zod';
import { controlCommand, type ControlCommand } from '../../infra/runtime/control.ts';
import { faultPoint } from '../../infra/runtime/fault-point.ts';
import { keepCertificate, type Certifier } from './certify.ts';

const requestSchema = z.strictObject({ at: z.string().min(1).max(100), requestedBy: z.string().min(1).max(200) });

export function certifyCommands(certifier: Certifier, connect: () => Promise<DuckDBConnection>): ControlCommand[] {
  return [
    controlCommand('certify/make', requestSchema, async (request) => {
      const certificate = await certifier.certify(request);
      faultPoint('certify.signed');
      const connection = await connect();
      try {
        await keepCertificate(connection, certificate);
        faultPoint('certify.kept');
      } finally {
        connection.closeSync();
      }
      return certificate;
    }),
  ];
}
