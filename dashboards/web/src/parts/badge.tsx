// A word with a colour that repeats what the word says.

export type Tone = 'good' | 'warn' | 'bad' | 'info' | 'plain';

export function Badge({ tone, children }: { readonly tone: Tone; readonly children: string }) {
  return <span class={`badge ${tone}`}>{children}</span>;
}

const TONES: Readonly<Record<string, Tone>> = {
  running: 'good',
  streaming: 'good',
  passed: 'good',
  succeeded: 'good',
  done: 'good',
  active: 'good',
  posted: 'good',
  current: 'good',
  ready: 'good',
  sent: 'good',
  ok: 'good',
  mature: 'good',
  degraded: 'bad',
  critical: 'bad',
  high: 'bad',
  medium: 'warn',
  low: 'info',
  open: 'warn',
  acknowledged: 'info',
  investigating: 'info',
  reopened: 'warn',
  resolved: 'good',
  refused: 'bad',
  confirmed: 'bad',
  failed: 'bad',
  fail: 'bad',
  block: 'bad',
  dead: 'bad',
  page: 'bad',
  held: 'bad',
  tombstoned: 'plain',
  pending: 'info',
  early: 'info',
  snapshot: 'info',
  starting: 'info',
  queued: 'info',
  waiting: 'warn',
  parked: 'warn',
  warn: 'warn',
  paused: 'warn',
  frozen: 'warn',
};

/** A state word in the colour it usually has. */
export function StateBadge({ state }: { readonly state: string }) {
  return <Badge tone={TONES[state.toLowerCase()] ?? 'plain'}>{state.toLowerCase()}</Badge>;
}
