// The login; and, where the bank asks for none, the choice as whom to look.

import { useEffect, useState } from 'preact/hooks';
import type { Section } from '../../../api/answers/common.ts';
import { Failure, rowsOf } from '../parts/card.tsx';
import { CallFailed, callOnce } from '../state/http.ts';
import { config, login, notice, openDemo } from '../state/session.ts';

export function Login() {
  const open = config.value?.auth === 'off';
  return (
    <main class="login" id="content">
      <div class="login-box">
        <div class="login-brand">
          <img src="/icon.svg" alt="" width="40" height="40" />
          <h1>FinVerse</h1>
          <p>Your money, as the bank has it: every figure says up to which transaction it is complete.</p>
        </div>
        {notice.value !== null && (
          <p class="notice" role="status">
            {notice.value}
          </p>
        )}
        <LoginForm />
        {open && <Demo />}
      </div>
    </main>
  );
}

function LoginForm() {
  const [failure, setFailure] = useState<string | null>(null);
  const [busy, setBusy] = useState(false);
  const submit = async (event: SubmitEvent): Promise<void> => {
    event.preventDefault();
    const fields = new FormData(event.currentTarget as HTMLFormElement);
    setBusy(true);
    setFailure(null);
    try {
      await login(textOf(fields, 'email'), textOf(fields, 'password'));
    } catch (error) {
      setFailure(messageIn(error));
      setBusy(false);
    }
  };
  return (
    <form class="fields" onSubmit={(event) => void submit(event)}>
      <div class="field">
        <label for="email">E-mail address</label>
        <input id="email" name="email" type="email" autoComplete="username" required />
      </div>
      <div class="field">
        <label for="password">Password</label>
        <input id="password" name="password" type="password" autoComplete="current-password" required />
      </div>
      {failure !== null && <Failure>{failure}</Failure>}
      <button type="submit" disabled={busy}>
        {busy ? 'Logging in …' : 'Log in'}
      </button>
    </form>
  );
}

interface DemoCustomer {
  readonly customer_id: string;
  readonly name: string;
}

/** The bank asks for no login here (LEDGERFLOW_BANK_AUTH=off): a demo on one's own machine. */
function Demo() {
  const [customers, setCustomers] = useState<readonly DemoCustomer[]>([]);
  const [chosen, setChosen] = useState('');
  const [failure, setFailure] = useState<string | null>(null);
  useEffect(() => {
    callOnce<{ customers: Section<DemoCustomer> }>('/api/session/demo').then(
      (answer) => setCustomers(rowsOf(answer.customers)),
      (error: unknown) => setFailure(messageIn(error)),
    );
  }, []);
  const customer = chosen === '' ? (customers[0]?.customer_id ?? null) : chosen;
  const open = (id: string | null): void => void openDemo(id).catch((error: unknown) => setFailure(messageIn(error)));
  return (
    <section class="demo" aria-label="Demo">
      <p>
        <strong>Demo.</strong> This bank asks for no login, so you can look around as anybody.
      </p>
      {failure !== null && <Failure>{failure}</Failure>}
      <div class="demo-row">
        <div class="field">
          <label for="demo-customer">Customer</label>
          <select id="demo-customer" value={customer ?? ''} onChange={(event) => setChosen(event.currentTarget.value)}>
            {customers.map(({ customer_id: id, name }) => (
              <option key={id} value={id}>
                {name} ({id})
              </option>
            ))}
          </select>
        </div>
        <button type="button" disabled={customer === null} onClick={() => open(customer)}>
          Open as customer
        </button>
      </div>
      <button type="button" class="quiet" onClick={() => open(null)}>
        Open as operator
      </button>
    </section>
  );
}

function textOf(fields: FormData, name: string): string {
  const value = fields.get(name);
  return typeof value === 'string' ? value : '';
}

function messageIn(error: unknown): string {
  return error instanceof CallFailed ? error.message : 'This did not work.';
}
