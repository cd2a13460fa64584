// A form in a dialog: the browser's own, with its focus handling and Escape. The bank's refusal is shown beside the fields.

import type { ComponentChildren } from 'preact';
import { useEffect, useRef, useState } from 'preact/hooks';
import { CallFailed } from '../state/http.ts';
import { send, type Order } from '../state/commands.ts';
import { Icon } from './icons.tsx';

interface OrderDialogProps {
  readonly title: string;
  readonly action: string;
  readonly onClose: () => void;
  /** The order that the filled-in form stands for. */
  readonly orderOf: (fields: FormData) => Order;
  readonly children: ComponentChildren;
}

export function OrderDialog({ title, action, onClose, orderOf, children }: OrderDialogProps) {
  const dialog = useRef<HTMLDialogElement>(null);
  const [refusal, setRefusal] = useState<string | null>(null);
  const [busy, setBusy] = useState(false);
  useEffect(() => dialog.current?.showModal(), []);
  const submit = async (event: SubmitEvent): Promise<void> => {
    event.preventDefault();
    setBusy(true);
    setRefusal(null);
    try {
      const answer = await send(orderOf(new FormData(event.currentTarget as HTMLFormElement)));
      if (answer.ok) dialog.current?.close();
      else setRefusal(answer.message ?? 'The bank refused this.');
    } catch (error) {
      setRefusal(error instanceof CallFailed ? error.message : 'This could not be sent.');
    } finally {
      setBusy(false);
    }
  };
  return (
    <dialog ref={dialog} onClose={onClose} aria-labelledby="dialog-title">
      <form onSubmit={(event) => void submit(event)}>
        <header class="dialog-head">
          <h2 id="dialog-title">{title}</h2>
          <button type="button" class="icon-button" onClick={() => dialog.current?.close()} aria-label="Close">
            <Icon name="close" />
          </button>
        </header>
        <div class="fields">{children}</div>
        {refusal !== null && (
          <p class="failure" role="alert">
            {refusal}
          </p>
        )}
        <div class="actions">
          <button type="button" class="quiet" onClick={() => dialog.current?.close()}>
            Cancel
          </button>
          <button type="submit" disabled={busy}>
            {busy ? 'Sending …' : action}
          </button>
        </div>
      </form>
    </dialog>
  );
}

interface FieldProps {
  readonly name: string;
  readonly label: string;
  readonly children?: ComponentChildren;
  readonly hint?: string;
}

/** A text of the form; empty when the field is missing. */
export function fieldOf(fields: FormData, name: string): string {
  const value = fields.get(name);
  return typeof value === 'string' ? value.trim() : '';
}

export function Field({ name, label, hint, children }: FieldProps) {
  return (
    <div class="field">
      <label for={`field-${name}`}>{label}</label>
      {children}
      {hint !== undefined && <small>{hint}</small>}
    </div>
  );
}

const AMOUNT = '\\d{1,12}(\\.\\d{1,8})?';

/** Decimal text, never a float: the browser's number field would make one. */
export function AmountField({ name, label, hint, value }: Omit<FieldProps, 'children'> & { readonly value?: string }) {
  return (
    <Field name={name} label={label} {...(hint === undefined ? {} : { hint })}>
      <input
        id={`field-${name}`}
        name={name}
        inputMode="decimal"
        autoComplete="off"
        required
        pattern={AMOUNT}
        title="A decimal number such as 12.50"
        {...(value === undefined ? {} : { defaultValue: value })}
      />
    </Field>
  );
}
