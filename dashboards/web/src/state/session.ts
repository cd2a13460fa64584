// Who is logged in, and how that begins and ends.

import { signal } from '@preact/signals';
import type { ConfigAnswer, SessionAnswer } from '../../../api/answers/common.ts';
import { call, CallFailed, callOnce, whenSessionEnds } from './http.ts';
import { startLive, stopLive } from './live.ts';
import { clearCommands } from './commands.ts';

/** undefined while it is not known yet; null when nobody is logged in. */
export const session = signal<SessionAnswer | null | undefined>(undefined);
export const config = signal<ConfigAnswer | undefined>(undefined);
/** Why the login page is shown, where there is something to say. */
export const notice = signal<string | null>(null);

whenSessionEnds((message) => {
  if ((session.value ?? null) !== null) notice.value = message;
  end();
});

export async function startSession(): Promise<void> {
  void callOnce<ConfigAnswer>('/api/config').then(
    (answer) => (config.value = answer),
    () => undefined, // the page says that the server cannot be reached
  );
  try {
    begin(await call<SessionAnswer>('/api/session'));
  } catch (error) {
    if (error instanceof CallFailed && error.code === 'session_expired') notice.value = 'Your session has ended. Please log in again.';
    else if (error instanceof CallFailed && error.code !== 'not_logged_in') notice.value = error.message;
    session.value = null;
  }
}

/** @throws CallFailed */
export async function login(email: string, password: string): Promise<void> {
  begin(await callOnce<SessionAnswer>('/api/session/login', { method: 'POST', body: { email, password } }));
}

/** Without a password: as a customer, or as an operator. @throws CallFailed */
export async function openDemo(customerId: string | null): Promise<void> {
  begin(await callOnce<SessionAnswer>('/api/session/demo', { method: 'POST', body: { customerId } }));
}

export async function logout(): Promise<void> {
  await callOnce('/api/session/logout', { method: 'POST' }).catch(() => undefined); // out of here in any case
  notice.value = null;
  end();
}

function begin(answer: SessionAnswer): void {
  notice.value = null;
  session.value = answer;
  startLive();
}

function end(): void {
  stopLive();
  clearCommands();
  session.value = null;
}
