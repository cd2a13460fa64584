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
    expect(await new PortChooser().choose('MySQL', port)).toBeGreaterThan(port);
  } finally {
    server.close();
  }
});

test('no port is given out twice', async () => {
  const chooser = new PortChooser();
  const { port, server } = await occupied();
  server.close();
  const first = await chooser.choose('a', port);
  expect(await chooser.choose('b', port)).not.toBe(first);
});

test('the port of the last run is preferred while it is free', async () => {
  const { port, server } = await occupied();
  expect(await new PortChooser().choose('Kafka', 20_000, port)).not.toBe(port);
  server.close();
  await new Promise((resolve) => server.once('close', resolve));
  expect(await new PortChooser().choose('Kafka', 20_000, port)).toBe(port);
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
