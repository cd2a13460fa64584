// A TCP proxy between two parts that can be cut, stalled or slowed: the network between them, in the test's hands.

import { connect, createServer, type AddressInfo, type Server, type Socket } from 'node:net';

/** pass: as it is. cut: connections end, new ones are refused. stall: nothing arrives any more, nobody is told. slow: late and narrow. */
export type NetworkState = 'pass' | 'cut' | 'stall' | 'slow';

const SLOW_DELAY_MS = 100;
const SLOW_BYTES_PER_SECOND = 512 * 1024;

export class FaultProxy implements AsyncDisposable {
  readonly port: number;
  private readonly server: Server;
  private readonly sockets = new Set<Socket>();
  private state: NetworkState = 'pass';

  private constructor(server: Server, targetPort: () => number) {
    this.server = server;
    this.port = (server.address() as AddressInfo).port;
    server.on('connection', (client) => this.join(client, targetPort()));
  }

  static async open(targetPort: () => number): Promise<FaultProxy> {
    const server = createServer();
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', () => resolve()));
    return new FaultProxy(server, targetPort);
  }

  set(state: NetworkState): void {
    this.state = state;
    if (state === 'cut') for (const socket of this.sockets) socket.destroy();
    else if (state === 'stall') for (const socket of this.sockets) socket.pause();
    else for (const socket of this.sockets) socket.resume();
  }

  private join(client: Socket, targetPort: number): void {
    if (this.state === 'cut') {
      client.destroy();
      return;
    }
    const target = connect({ host: '127.0.0.1', port: targetPort });
    this.flow(client, target);
    this.flow(target, client);
  }

  private flow(from: Socket, to: Socket): void {
    this.sockets.add(from);
    if (this.state === 'stall') from.pause();
    from.on('data', (chunk: Buffer) => this.pass(from, to, chunk));
    from.on('end', () => to.end());
    from.on('error', () => to.destroy()); // one side went away: so does the other
    from.on('close', () => {
      this.sockets.delete(from);
      to.destroy();
    });
  }

  private pass(from: Socket, to: Socket, chunk: Buffer): void {
    if (this.state !== 'slow') {
      if (!to.write(chunk)) {
        from.pause();
        to.once('drain', () => this.state !== 'stall' && from.resume());
      }
      return;
    }
    from.pause();
    const waitMs = SLOW_DELAY_MS + (1_000 * chunk.length) / SLOW_BYTES_PER_SECOND;
    setTimeout(() => {
      to.write(chunk);
      if (this.state !== 'stall') from.resume();
    }, waitMs);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    for (const socket of this.sockets) socket.destroy();
    await new Promise((resolve) => this.server.close(resolve));
  }
}
