// One writing connection that is made again when it was lost.

import type { Connection } from 'mysql2/promise';
import { connectWriter, type ServiceLogin } from '../store/connect.ts';

export class Link {
  private readonly login: ServiceLogin;
  private connection: Connection | undefined;

  constructor(login: ServiceLogin) {
    this.login = login;
  }

  /** @throws LedgerflowError LF_MYSQL_UNREACHABLE, LF_MYSQL_LOGIN */
  async get(): Promise<Connection> {
    if (this.connection !== undefined) return this.connection;
    const made = await connectWriter(this.login);
    // A connection that dies between two groups says so here; the next group makes a new one.
    made.on('error', () => this.drop(made));
    this.connection = made;
    return made;
  }

  /** Ends what is open on the connection; one that cannot even do that is thrown away. */
  async rollback(): Promise<void> {
    const connection = this.connection;
    if (connection === undefined) return;
    await connection.query('ROLLBACK').catch(() => this.drop(connection));
  }

  drop(connection = this.connection): void {
    connection?.destroy();
    if (this.connection === connection) this.connection = undefined;
  }

  async close(): Promise<void> {
    await this.connection?.end().catch(() => undefined);
    this.connection = undefined;
  }
}
