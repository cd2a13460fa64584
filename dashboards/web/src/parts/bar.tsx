// A horizontal bar, with its thresholds where it has some.

interface BarProps {
  readonly label: string;
  /** 0 to 1; more is drawn as full. */
  readonly share: number;
  readonly tone?: 'good' | 'warn' | 'bad' | 'accent';
  readonly marks?: readonly number[];
}

export function Bar({ label, share, tone = 'accent', marks = [] }: BarProps) {
  const percent = Math.round(Math.min(1, Math.max(0, share)) * 1_000) / 10;
  return (
    <div
      class="bar"
      role="meter"
      aria-label={label}
      aria-valuemin={0}
      aria-valuemax={100}
      aria-valuenow={Math.min(100, Math.round(share * 100))}
    >
      <div class={`bar-fill ${tone}`} style={{ width: `${percent}%` }} />
      {marks.map((mark) => (
        <div key={mark} class="bar-mark" style={{ left: `${mark * 100}%` }} />
      ))}
    </div>
  );
}
