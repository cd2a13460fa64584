// The head of the pages of reconciliation: which of them this is, and who acts where nobody logs in.

import { useLocation } from 'preact-iso';
import { actor } from '../../state/actor.ts';
import { session } from '../../state/session.ts';

const PAGES = [
  ['/operator/recon', 'Breaks'],
  ['/operator/recon/runs', 'Runs'],
] as const;

export function ReconHead() {
  const { path } = useLocation();
  const { demo = false } = session.value ?? {};
  return (
    <div class="page-head">
      <h1>Reconciliation</h1>
      <nav class="tabs" aria-label="Reconciliation">
        {PAGES.map(([to, name]) => (
          <a key={to} href={to} aria-current={to === path ? 'page' : undefined}>
            {name}
          </a>
        ))}
      </nav>
      {demo && (
        <div class="acts-as">
          <label for="recon-actor">You act as</label>
          <input
            id="recon-actor"
            value={actor.value}
            placeholder="operator"
            maxLength={100}
            pattern="[\w.@ \-]*"
            autoComplete="off"
            onInput={(event) => (actor.value = event.currentTarget.value)}
          />
        </div>
      )}
    </div>
  );
}
