// Reconciling a statement: a file that is sent with its source and day, or the source's own place for that day.

import { useEffect, useState } from 'preact/hooks';
import type { SourcesAnswer } from '../../../../api/answers/recon.ts';
import { Card, Failure } from '../../parts/card.tsx';
import { Field } from '../../parts/dialog.tsx';
import type { Orders } from '../../parts/said.tsx';
import { call, CallFailed } from '../../state/http.ts';

interface UploadProps {
  readonly order: Orders['order'];
  readonly onDay: (day: string) => void;
}

const FILE_BYTES_MAX = 64 * 1_024 * 1_024;

export function Upload({ order, onDay }: UploadProps) {
  const [sources, setSources] = useState<SourcesAnswer['sources']>([]);
  const [fault, setFault] = useState<string | null>(null);
  const [busy, setBusy] = useState(false);
  useEffect(() => {
    call<SourcesAnswer>('/api/operator/recon/sources').then(
      (answer) => setSources(answer.sources),
      (error: unknown) => setFault(error instanceof CallFailed ? error.message : 'The sources could not be read.'),
    );
  }, []);
  const submit = async (form: HTMLFormElement): Promise<void> => {
    const fields = new FormData(form);
    const [source, date, file] = [fields.get('source'), fields.get('date'), fields.get('file')];
    if (typeof source !== 'string' || typeof date !== 'string' || !(file instanceof File)) return;
    if (file.size > FILE_BYTES_MAX) {
      setFault('The file is too large for this page: use `ledgerflow recon run --file-path`.');
      return;
    }
    setFault(null);
    setBusy(true);
    const done = await (file.size === 0 && file.name === ''
      ? order('/api/operator/recon/run', { body: { source, date } })
      : order(`/api/operator/recon/upload?${new URLSearchParams({ source, date, name: plainName(file.name) }).toString()}`, {
          body: file,
        }));
    setBusy(false);
    if (!done) return;
    onDay(date);
    form.reset();
  };
  return (
    <Card title="Reconcile a statement" note="Without a file the source's own place for the day is read.">
      {fault !== null && <Failure>{fault}</Failure>}
      <form
        class="orders"
        onSubmit={(event) => {
          event.preventDefault();
          void submit(event.currentTarget);
        }}
      >
        <Field name="source" label="Source">
          <select id="field-source" name="source" required>
            {sources.map(({ name, description }) => (
              <option key={name} value={name} title={description}>
                {name}
              </option>
            ))}
          </select>
        </Field>
        <Field name="date" label="Business date">
          <input id="field-date" name="date" type="date" required />
        </Field>
        <Field name="file" label="Statement">
          <input id="field-file" name="file" type="file" />
        </Field>
        <button type="submit" class="small" disabled={busy || sources.length === 0}>
          {busy ? 'Reconciling …' : 'Reconcile'}
        </button>
      </form>
    </Card>
  );
}

/** What the API takes as the name of a file. */
function plainName(name: string): string {
  return name.replaceAll(/[^\w. -]/g, '_').slice(0, 200) || 'statement';
}
