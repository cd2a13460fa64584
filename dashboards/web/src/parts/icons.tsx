// Line icons, drawn here so that no font is loaded. They repeat the word beside them, so readers skip them.

const PATHS = {
  overview: 'M4 13h7V4H4zM13 20h7v-9h-7zM4 20h7v-5H4zM13 9h7V4h-7z',
  spending: 'M3 7h18v12H3zM3 11h18M7 15h4',
  portfolio: 'M4 19V5M4 19h16M8 15l4-5 3 3 5-7',
  alerts: 'M6 16V11a6 6 0 0 1 12 0v5l2 2H4zM10 21h4',
  pipeline: 'M4 7h6v4H4zM14 13h6v4h-6zM10 9h4a3 3 0 0 1 3 3v1',
  topics: 'M5 6h14M5 12h14M5 18h9',
  parked: 'M5 4h14v16H5zM10 16V8h2.5a2.5 2.5 0 0 1 0 5H10',
  tables: 'M4 5h16v14H4zM4 10h16M10 10v9',
  quality: 'M12 3l8 3v6c0 4.5-3.4 8-8 9-4.6-1-8-4.500-8-9V6zM9 12l2 2 4-4',
  incidents: 'M12 4l9 16H3zM12 10v4M12 17v.5',
  fraud: 'M11 4a7 7 0 1 0 .01 0zM16 16l5 5M11 8v4M11 14v.5',
  recon: 'M4 8h11M12 5l3 3-3 3M20 16H9M12 13l-3 3 3 3',
  publications: 'M12 3v12M7 8l5-5 5 5M5 15v5h14v-5',
  jobs: 'M12 7v5l3 2M12 3a9 9 0 1 0 .01 0z',
  sql: 'M8 8l-4 4 4 4M16 8l4 4-4 4M13 6l-2 12',
  sun: 'M12 8a4 4 0 1 0 .01 0zM12 3v2M12 19v2M3 12h2M19 12h2M5.600 5.600l1.400 1.400M17 17l1.400 1.400M5.600 18.400l1.400-1.400M17 7l1.400-1.400',
  moon: 'M20 14.500A8 8 0 0 1 9.500 4 8 8 0 1 0 20 14.500z',
  leave: 'M14 4h5v16h-5M10 8l-4 4 4 4M6 12h9',
  pay: 'M12 5v14M5 12h14',
  swap: 'M7 4L3 8l4 4M3 8h14M17 12l4 4-4 4M21 16H7',
  close: 'M6 6l12 12M18 6L6 18',
} as const;

export type IconName = keyof typeof PATHS;

export function Icon({ name }: { readonly name: IconName }) {
  return (
    <svg class="icon" viewBox="0 0 24 24" aria-hidden="true" focusable="false">
      <path d={PATHS[name]} />
    </svg>
  );
}
