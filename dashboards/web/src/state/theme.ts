// Light, dark, or as the system has it; the choice is kept in this browser.

import { signal } from '@preact/signals';

export type Theme = 'system' | 'light' | 'dark';
const KEY = 'finverse-theme';

function stored(): Theme {
  const value = localStorage.getItem(KEY);
  return value === 'light' || value === 'dark' ? value : 'system';
}

export const theme = signal<Theme>(stored());
/** Counts changes of the colours, so that charts, which are drawn, are drawn anew. */
export const colourChanges = signal(0);

export function applyTheme(): void {
  if (theme.value === 'system') delete document.documentElement.dataset['theme'];
  else document.documentElement.dataset['theme'] = theme.value;
  colourChanges.value += 1;
}

export function isDark(): boolean {
  return theme.value === 'system' ? matchMedia('(prefers-color-scheme: dark)').matches : theme.value === 'dark';
}

export function toggleTheme(): void {
  theme.value = isDark() ? 'light' : 'dark';
  localStorage.setItem(KEY, theme.value);
  applyTheme();
}

matchMedia('(prefers-color-scheme: dark)').addEventListener('change', () => applyTheme());
