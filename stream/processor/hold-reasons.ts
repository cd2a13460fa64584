// Why a table is held, in words.

import type { Doubt } from '../../cdc/schema/column-change.ts';
import { CLAUSE_FORMS, SHAPE_FORMS } from '../../cdc/schema/ddl-forms.ts';

export function clauseNote(id: string): string {
  const found = CLAUSE_FORMS.find((form) => form.id === id);
  return found === undefined ? id : `${found.form}: ${found.note}`;
}

/** What may have changed, in words. */
export function doubtText({ form, what }: Doubt): string {
  const known = (SHAPE_FORMS as Readonly<Record<string, { readonly form: string; readonly note: string }>>)[form];
  return known === undefined ? clauseNote(form) : `${what}: ${known.form}; ${known.note}`;
}
