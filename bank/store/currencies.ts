// Fraction digits of the enabled currencies.

import type { Pool, RowDataPacket } from 'mysql2/promise';

/** How many fraction digits an enabled currency has; undefined for any other. */
export async function currencyDigits(pool: Pool, code: string): Promise<number | undefined> {
  const [rows] = await pool.query<RowDataPacket[]>('SELECT minor_units FROM currencies WHERE code = ? AND enabled', [code]);
  return rows[0] === undefined ? undefined : Number(rows[0]['minor_units']);
}
