// A part of a page that was opened from a list: its button takes the focus at first, and Escape closes it.

import type { JSX } from 'preact';
import { useEffect, useRef } from 'preact/hooks';

export interface Closing {
  readonly button: JSX.Element;
  /** For the element around the part. */
  readonly onKeyDown: (event: KeyboardEvent) => void;
}

/** @param onEscape where Escape does something else than the button */
export function useClosing(text: string, onClose: () => void, onEscape = onClose): Closing {
  const close = useRef<HTMLButtonElement>(null);
  useEffect(() => close.current?.focus(), []);
  return {
    button: (
      <button type="button" class="quiet small" ref={close} onClick={onClose}>
        {text}
      </button>
    ),
    onKeyDown: (event) => (event.key === 'Escape' ? onEscape() : undefined),
  };
}
