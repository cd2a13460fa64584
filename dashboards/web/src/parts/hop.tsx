// One station of the pipeline picture.

interface HopProps {
  readonly name: string;
  readonly figure: string;
  readonly unit: string;
  readonly note: string;
  readonly tone: 'good' | 'warn' | 'bad' | 'plain';
  readonly testId?: string;
}

export function Hop({ name, figure, unit, note, tone, testId }: HopProps) {
  return (
    <li class={`hop hop-${tone}`}>
      <h3>{name}</h3>
      <span class="figure" data-testid={testId}>
        {figure}
      </span>
      <small>{unit}</small>
      <small>{note}</small>
    </li>
  );
}
