// The keys of a list, unfolded by whoever asks for them.

interface ShortcutsProps {
  readonly keys: readonly (readonly [string, string])[];
  /** What the list is of. */
  readonly about: string;
}

export function Shortcuts({ keys, about }: ShortcutsProps) {
  return (
    <details class="shortcuts">
      <summary>Keys</summary>
      <dl>
        {keys.map(([key, does]) => (
          <div key={key}>
            <dt>
              <kbd>{key}</kbd>
            </dt>
            <dd>{does}</dd>
          </div>
        ))}
      </dl>
      <p>In the list. Letters act on the chosen {about}, or on the one with the focus.</p>
    </details>
  );
}
