// Lines over time, drawn by uPlot in the colours of the theme. Screen readers get the sentence in `label`.

import { useEffect, useRef } from 'preact/hooks';
import UPlot from 'uplot';
import 'uplot/dist/uPlot.min.css';
import { colourChanges } from '../state/theme.ts';

export interface Line {
  readonly name: string;
  readonly values: readonly (number | null)[];
}

interface ChartProps {
  readonly label: string;
  /** Seconds since 1970. */
  readonly times: readonly number[];
  readonly lines: readonly Line[];
  /** Writes a value of the axis. */
  readonly format: (value: number) => string;
  readonly height?: number;
  readonly stepped?: boolean;
}

const COLOURS = ['--line-1', '--line-2', '--line-3', '--line-4'];
const HEIGHT = 200;

export function Chart({ label, times, lines, format, height = HEIGHT, stepped = false }: ChartProps) {
  const box = useRef<HTMLDivElement>(null);
  const changes = colourChanges.value;
  const names = lines.map(({ name }) => name).join('|');
  const chart = useRef<UPlot | null>(null);
  const data = [[...times], ...lines.map(({ values }) => [...values])] as UPlot.AlignedData;
  useEffect(() => {
    const host = box.current;
    if (host === null) return undefined;
    const made = new UPlot(optionsOf({ host, lines, format, height, stepped }), data, host);
    chart.current = made;
    const observer = new ResizeObserver(() => made.setSize({ width: host.clientWidth, height }));
    observer.observe(host);
    return () => {
      observer.disconnect();
      made.destroy();
      chart.current = null;
    };
  }, [changes, names, height]);
  useEffect(() => chart.current?.setData(data), [JSON.stringify(data)]);
  return <div class="chart" role="img" aria-label={label} ref={box} />;
}

interface Drawing {
  readonly host: HTMLElement;
  readonly lines: readonly Line[];
  readonly format: (value: number) => string;
  readonly height: number;
  readonly stepped: boolean;
}

function optionsOf({ host, lines, format, height, stepped }: Drawing): UPlot.Options {
  const style = getComputedStyle(document.documentElement);
  const colour = (name: string): string => style.getPropertyValue(name).trim();
  const axis = { stroke: colour('--muted'), font: '12px system-ui, sans-serif', ticks: { show: false }, border: { show: false } };
  const step = stepped && UPlot.paths.stepped !== undefined ? { paths: UPlot.paths.stepped({ align: 1 }) } : {};
  return {
    width: host.clientWidth,
    height,
    legend: { show: false },
    cursor: { drag: { x: false, y: false }, points: { size: 7 } },
    axes: [
      { ...axis, grid: { show: false }, space: 80, size: 28, values: (_chart, splits) => splits.map(dayText) },
      { ...axis, grid: { stroke: colour('--line'), width: 1 }, size: 62, values: (_chart, splits) => splits.map(format) },
    ],
    series: [
      {},
      ...lines.map(({ name }, index) => {
        const stroke = colour(COLOURS[index % COLOURS.length] ?? '--accent');
        const fill = lines.length === 1 ? { fill: colour('--chart-fill') } : {};
        return { label: name, stroke, width: 2, points: { show: false }, ...step, ...fill };
      }),
    ],
  };
}

const DAY_SECONDS = 86_400;

function dayText(seconds: number): string {
  const at = new Date(seconds * 1_000);
  if (seconds % DAY_SECONDS !== 0) return at.toISOString().slice(11, 16);
  return at.toLocaleDateString('en-GB', { day: 'numeric', month: 'short', timeZone: 'UTC' });
}
