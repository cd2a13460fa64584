// Reading sessions: as many as are allowed, and those of commands that were killed make room.

import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { expect, it } from 'vitest';
import { identify } from '../../infra/native/process-id.ts';
import { CREATE_ACCOUNTS, openTestStore } from '../store/testkit.ts';
import { VerifySessions } from './sessions.ts';

it('refuses one too many while those who asked live, and ends the session of one who was killed', async () => {
  const command = spawn(process.execPath, ['-e', 'process.stdin.resume()'], { stdio: ['pipe', 'ignore', 'inherit'] });
  await once(command, 'spawn');
  const owner = identify(command.pid ?? 0);
  await using kit = await openTestStore();
  await kit.commit([], [CREATE_ACCOUNTS]);
  await using sessions = new VerifySessions(() => kit.store.connect(), { sessionsMax: 1, sessionMsMax: 60_000 });
  const first = await sessions.begin(-1, 0, owner);
  await expect(sessions.begin(-1, 0)).rejects.toMatchObject({ code: 'LF_VERIFY_BUSY' });
  command.kill('SIGKILL');
  await once(command, 'exit');
  const second = await sessions.begin(-1, 0);
  expect(second.session).not.toBe(first.session);
  expect(() => sessions.query(first.session, 'SELECT 1')).toThrow('has ended');
  await expect(sessions.begin(-1, 0, identify(process.pid))).rejects.toMatchObject({ code: 'LF_VERIFY_BUSY' });
});
