// What surrounds every page: brand, navigation, how fresh the figures are, theme, logout, and the orders under way.

import type { ComponentChildren } from 'preact';
import { useLocation } from 'preact-iso';
import { useEffect, useRef } from 'preact/hooks';
import { Icon, type IconName } from './parts/icons.tsx';
import { Toasts } from './parts/toasts.tsx';
import { Freshness } from './parts/freshness.tsx';
import { logout, session } from './state/session.ts';
import { colourChanges, isDark, toggleTheme } from './state/theme.ts';

interface Place {
  readonly path: string;
  readonly name: string;
  readonly icon: IconName;
}

const CUSTOMER: readonly Place[] = [
  { path: '/', name: 'Overview', icon: 'overview' },
  { path: '/spending', name: 'Spending', icon: 'spending' },
  { path: '/portfolio', name: 'Portfolio', icon: 'portfolio' },
  { path: '/alerts', name: 'Alerts', icon: 'alerts' },
];

const OPERATOR: readonly Place[] = [
  { path: '/operator', name: 'Pipeline', icon: 'pipeline' },
  { path: '/operator/topics', name: 'Topics', icon: 'topics' },
  { path: '/operator/parked', name: 'Parked', icon: 'parked' },
  { path: '/operator/tables', name: 'Tables', icon: 'tables' },
  { path: '/operator/quality', name: 'Quality', icon: 'quality' },
  { path: '/operator/incidents', name: 'Incidents', icon: 'incidents' },
  { path: '/operator/fraud', name: 'Fraud', icon: 'fraud' },
  { path: '/operator/recon', name: 'Reconciliation', icon: 'recon' },
  { path: '/operator/publications', name: 'Publications', icon: 'publications' },
  { path: '/operator/jobs', name: 'Jobs', icon: 'jobs' },
  { path: '/operator/sql', name: 'SQL', icon: 'sql' },
];

export function Shell({ operator, children }: { readonly operator: boolean; readonly children: ComponentChildren }) {
  return (
    <div class={operator ? 'shell operator' : 'shell customer'}>
      <a class="skip" href="#content">
        Skip to the content
      </a>
      <header class="top">
        <Brand operator={operator} />
        <Freshness />
        <Tools />
      </header>
      <Navigation places={operator ? OPERATOR : CUSTOMER} />
      <main id="content" tabIndex={-1}>
        {children}
      </main>
      <Toasts />
    </div>
  );
}

function Brand({ operator }: { readonly operator: boolean }) {
  return (
    <a class="brand" href={operator ? '/operator' : '/'}>
      <img src="/icon.svg" alt="" width="28" height="28" />
      <span>
        FinVerse
        {operator && <small>operator</small>}
      </span>
    </a>
  );
}

function Navigation({ places }: { readonly places: readonly Place[] }) {
  const { path } = useLocation();
  const bar = useRef<HTMLElement>(null);
  useEffect(() => bar.current?.querySelector('[aria-current]')?.scrollIntoView({ block: 'nearest', inline: 'center' }), [path]);
  return (
    <nav class="places" ref={bar} aria-label="Pages">
      {places.map((place) => (
        <a key={place.path} href={place.path} aria-current={place.path === path ? 'page' : isWithin(place, path) ? 'true' : undefined}>
          <Icon name={place.icon} />
          <span>{place.name}</span>
        </a>
      ))}
    </nav>
  );
}

/** A page below the place's own; the start page of a role is above all others. */
function isWithin({ path: place }: Place, path: string): boolean {
  return place.lastIndexOf('/') > 0 && path.startsWith(`${place}/`);
}

function Tools() {
  const dark = colourChanges.value >= 0 && isDark();
  const { demo = false } = session.value ?? {};
  return (
    <div class="tools">
      {demo && <span class="demo-mark">Demo</span>}
      <button type="button" class="icon-button" onClick={toggleTheme} aria-label={dark ? 'Use light colours' : 'Use dark colours'}>
        <Icon name={dark ? 'sun' : 'moon'} />
      </button>
      <button type="button" class="icon-button" onClick={() => void logout()} aria-label="Log out">
        <Icon name="leave" />
      </button>
    </div>
  );
}
