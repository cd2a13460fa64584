import { spawn } from 'node:child_process';
import { once } from 'node:events';
import net from 'node:net';
import { expect, test } from 'vitest';
import { isPortFree, isPortOpen, PortChooser } from './ports.ts';

async function occupied(): Promise<{ port: number; server: net.Server }> {
  const server = net.createServer();
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return { port: (server.address() as net.AddressInfo).port, server };
}

test('a taken port is passed over for the next free one', async () => {
  const { port, server } = await occupied();
  try {
    expect(await isPortFree(port)).toBe(false);
    expect(await isPortOpen(port)).toBe(true);
    await using chooser = new PortChooser();
    expect(await chooser.choose('MySQL', port)).toBeGreaterThan(port);
  } finally {
    server.close();
  }
});

test('no port is given out twice', async () => {
  await using chooser = new PortChooser();
  const { port, server } = await occupied();
  server.close();
  const first = await chooser.choose('a', port);
  expect(await chooser.choose('b', port)).not.toBe(first);
});

test('the port of the last run is preferred while it is free', async () => {
  const { port, server } = await occupied();
  await using chooser = new PortChooser();
  expect(await chooser.choose('Kafka', 20_000, port)).not.toBe(port);
  server.close();
  await new Promise((resolve) => server.once('close', resolve));
  expect(await chooser.choose('Kafka', 20_000, port)).toBe(port);
});

test('when no port is free the line names the part and the range', async () => {
  const { port, server } = await occupied();
  const { port: other, server: second } = await occupied();
  const chooser = new PortChooser();
  server.close();
  second.close();
  await expect(chooser.choose('MySQL', 70_000)).rejects.toThrow(
    expect.objectContaining({ code: 'LF_PORT_TAKEN', message: expect.stringContaining('MySQL') }),
  );
  expect(port).not.toBe(other);
});

/** Another process chooses a port, says which, and ends when its standard input does. */
async function otherHome(preferred: number): Promise<{ port: number; end: (signal?: NodeJS.Signals) => Promise<void> }> {
  const source = `import { PortChooser } from ${JSON.stringify(new URL('ports.ts', import.meta.url).href)};
    process.stdout.write(String(await new PortChooser().choose('MySQL', ${preferred})));
    process.stdin.resume();`;
  const child = spawn(process.execPath, ['--import', 'tsx', '--input-type=module', '-e', source], { stdio: ['pipe', 'pipe', 'inherit'] });
  const [said] = (await once(child.stdout, 'data')) as [Buffer];
  const end = async (signal: NodeJS.Signals = 'SIGTERM'): Promise<void> => {
    child.kill(signal);
    await once(child, 'close');
  };
  return { port: Number(said.toString()), end };
}

test('a port that another home has chosen is passed over although nothing listens there yet, and free again when that home is killed', async () => {
  const { port, server } = await occupied();
  server.close();
  await once(server, 'close');
  const other = await otherHome(port);
  try {
    await using chooser = new PortChooser();
    expect(await isPortFree(other.port)).toBe(true);
    expect(await chooser.choose('MySQL', other.port, other.port)).toBeGreaterThan(other.port);
  } finally {
    await other.end('SIGKILL');
  }
  await using chooser = new PortChooser();
  expect(await chooser.choose('MySQL', other.port)).toBe(other.port);
});

test('a port that was given back is chosen again', async () => {
  const { port, server } = await occupied();
  server.close();
  await once(server, 'close');
  const choose = async (): Promise<number> => {
    await using chooser = new PortChooser();
    return await chooser.choose('MySQL', port);
  };
  expect(await choose()).toBe(await choose());
});
