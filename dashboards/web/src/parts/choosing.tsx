// Choosing rows of a list, and the note that goes with an order for them.

import { useState } from 'preact/hooks';

export interface Chosen {
  /** Chosen rows that can be chosen still. */
  readonly ids: readonly string[];
  readonly choose: (ids: readonly string[] | ((before: readonly string[]) => readonly string[])) => void;
  readonly toggle: (id: string) => void;
  /** What an order given at a row is for: the chosen rows, or that one where none is chosen. */
  readonly acted: (id: string) => readonly string[];
}

/** @param listed rows that can be chosen now */
export function useChosen(listed: readonly string[]): Chosen {
  const [chosen, choose] = useState<readonly string[]>([]);
  const ids = chosen.filter((id) => listed.includes(id));
  return {
    ids,
    choose,
    toggle: (id) => choose(ids.includes(id) ? ids.filter((each) => each !== id) : [...ids, id]),
    acted: (id) => (ids.length > 0 ? ids : [id]),
  };
}

interface ChooseAllProps {
  readonly listed: readonly string[];
  readonly chosen: readonly string[];
  readonly onChosen: (ids: readonly string[]) => void;
}

export function ChooseAll({ listed, chosen, onChosen }: ChooseAllProps) {
  const all = chosen.length === listed.length;
  return (
    <p>
      <button type="button" class="quiet small" onClick={() => onChosen(all ? [] : listed)}>
        {all ? 'Choose none' : `Choose all ${listed.length}`}
      </button>
    </p>
  );
}

const NOTE_CHARACTERS_MAX = 1_000;

interface NoteFieldProps {
  readonly id: string;
  readonly label: string;
  readonly note: string;
  readonly onNote: (note: string) => void;
}

export function NoteField({ id, label, note, onNote }: NoteFieldProps) {
  return (
    <div class="filter grow">
      <label for={id}>{label}</label>
      <input
        id={id}
        value={note}
        maxLength={NOTE_CHARACTERS_MAX}
        autoComplete="off"
        onInput={(event) => onNote(event.currentTarget.value)}
      />
    </div>
  );
}
