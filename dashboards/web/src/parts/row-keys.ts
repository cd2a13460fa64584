// Keys for a list: j and k (or the arrows) move between its rows, further letters act on the row with the focus. They work while the
// focus is inside the list only, so they disturb neither fields nor screen readers. When the row with the focus leaves the list, the
// next one takes it.

import { useEffect, useRef } from 'preact/hooks';

export interface RowKeys {
  /** For the element that holds the list. Rows carry `data-row={id}` on the element that takes the focus. */
  readonly list: {
    readonly ref: { current: HTMLDivElement | null };
    readonly tabIndex: number;
    readonly onKeyDown: (event: KeyboardEvent) => void;
    readonly onFocusIn: (event: FocusEvent) => void;
  };
  readonly focus: (id: string) => void;
}

/** @param actions by the letter of the key; each is told the row with the focus */
export function useRowKeys(ids: readonly string[], actions: Readonly<Record<string, (id: string) => void>>): RowKeys {
  const box = useRef<HTMLDivElement>(null);
  const at = useRef<{ readonly id: string; readonly index: number } | null>(null);
  const focus = (id: string): void => box.current?.querySelector<HTMLElement>(`[data-row="${id}"]`)?.focus();
  useEffect(() => {
    const last = at.current;
    if (last === null || ids.includes(last.id)) return;
    at.current = null;
    const next = ids[Math.min(last.index, ids.length - 1)];
    if (!isLost()) return; // the person has gone on elsewhere
    if (next === undefined) box.current?.focus();
    else focus(next);
  }, [ids.join(' ')]);
  const move = (by: number): void => {
    const next = ids[Math.max(0, Math.min(ids.length - 1, (at.current?.index ?? -by) + by))];
    if (next !== undefined) focus(next);
  };
  const onKeyDown = (event: KeyboardEvent): void => {
    if (event.ctrlKey || event.metaKey || event.altKey) return;
    const step = STEPS[event.key];
    const action = actions[event.key];
    if (step === undefined && (action === undefined || at.current === null)) return;
    event.preventDefault();
    if (step !== undefined) move(step);
    else if (at.current !== null) action?.(at.current.id);
  };
  const onFocusIn = (event: FocusEvent): void => {
    const id = rowOf(event.target as Element);
    if (id !== undefined) at.current = { id, index: ids.indexOf(id) };
  };
  return { list: { ref: box, tabIndex: -1, onKeyDown, onFocusIn }, focus };
}

const STEPS: Readonly<Record<string, number>> = { j: 1, ArrowDown: 1, k: -1, ArrowUp: -1 };

/** Whether nothing has the focus, as when the element that had it was taken away. */
function isLost(): boolean {
  return document.activeElement === null || document.activeElement === document.body;
}

function rowOf(element: Element): string | undefined {
  return (element.closest('tr')?.querySelector<HTMLElement>('[data-row]') ?? element.closest<HTMLElement>('[data-row]'))?.dataset['row'];
}
