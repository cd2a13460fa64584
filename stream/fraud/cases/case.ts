// The life of an alert as a case: open, acknowledged, closed with an outcome. Pure: what an order makes of a case is a list of rows to write.

export const STATES = ['open', 'acknowledged', 'closed'] as const;
export type CaseState = (typeof STATES)[number];
export const OUTCOMES = ['confirmed', 'false_positive', 'inconclusive'] as const;
export type CaseOutcome = (typeof OUTCOMES)[number];
export type CaseAction = 'acknowledge' | 'assign' | 'note' | 'close' | 'correct';

/** Where a case stands: the fold of its rows. */
export interface Case {
  readonly state: CaseState;
  readonly outcome: CaseOutcome | null;
  readonly assignee: string | null;
}

export type Order =
  | { readonly kind: 'acknowledge'; readonly note: string | null }
  | { readonly kind: 'assign'; readonly assignee: string; readonly note: string | null }
  | { readonly kind: 'note'; readonly note: string }
  | { readonly kind: 'close'; readonly outcome: CaseOutcome; readonly note: string | null };

/** A row of ops.fraud_alert_events without its number, actor and time. */
export interface CaseEvent {
  readonly action: CaseAction;
  readonly from: CaseState;
  readonly to: CaseState;
  readonly outcome: CaseOutcome | null;
  readonly assignee: string | null;
  readonly note: string | null;
}

/** What an order comes to: rows, nothing because it is so already, or why it cannot be. */
export type Decision = { readonly events: readonly CaseEvent[] } | { readonly unchanged: true } | { readonly refused: string };

/**
 * Whoever closes an open case takes it first, so every case goes through all three states. A closed case takes notes, and another outcome
 * with a note that says why: outcomes decide a rule's precision, and a wrong one must not stay.
 */
export function decide(now: Case, order: Order, actor: string): Decision {
  const at = { from: now.state, outcome: now.outcome, assignee: now.assignee };
  switch (order.kind) {
    case 'note':
      return { events: [{ ...at, action: 'note', to: now.state, note: order.note }] };
    case 'acknowledge':
      if (now.state === 'closed') return { refused: 'it is closed' };
      return now.state === 'acknowledged' ? { unchanged: true } : { events: [taken(now, actor, order.note)] };
    case 'assign':
      if (now.state === 'closed') return { refused: 'it is closed' };
      if (now.assignee === order.assignee) return { unchanged: true };
      return { events: [{ ...at, action: 'assign', to: now.state, assignee: order.assignee, note: order.note }] };
    case 'close':
      return closed(now, order, actor);
  }
}

function taken(now: Case, actor: string, note: string | null): CaseEvent {
  return { action: 'acknowledge', from: 'open', to: 'acknowledged', outcome: null, assignee: now.assignee ?? actor, note };
}

function closed(now: Case, { outcome, note }: Extract<Order, { kind: 'close' }>, actor: string): Decision {
  const end = { to: 'closed', outcome, assignee: now.assignee ?? actor, note } as const;
  if (now.state !== 'closed') {
    const first = now.state === 'open' ? [taken(now, actor, null)] : [];
    return { events: [...first, { ...end, action: 'close', from: 'acknowledged' }] };
  }
  if (now.outcome === outcome) return { unchanged: true };
  if (note === null) return { refused: `it is closed as ${now.outcome ?? 'nothing'}; another outcome needs a note that says why` };
  return { events: [{ ...end, action: 'correct', from: 'closed' }] };
}
