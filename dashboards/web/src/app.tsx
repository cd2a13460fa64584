// Which page is shown: the login, or the pages of the user's role.

import { lazy, LocationProvider, Route, Router, useLocation } from 'preact-iso';
import { useEffect } from 'preact/hooks';
import { Shell } from './shell.tsx';
import { Overview } from './pages/customer/overview.tsx';
import { Login } from './pages/login.tsx';
import { session } from './state/session.ts';
import { Empty } from './parts/card.tsx';

const Spending = lazy(() => import('./pages/customer/spending.tsx').then((page) => page.Spending));
const Portfolio = lazy(() => import('./pages/customer/portfolio.tsx').then((page) => page.Portfolio));
const Alerts = lazy(() => import('./pages/customer/alerts.tsx').then((page) => page.Alerts));
const Pipeline = lazy(() => import('./pages/operator/pipeline.tsx').then((page) => page.Pipeline));
const Topics = lazy(() => import('./pages/operator/topics.tsx').then((page) => page.Topics));
const Parked = lazy(() => import('./pages/operator/parked.tsx').then((page) => page.Parked));
const Tables = lazy(() => import('./pages/operator/tables.tsx').then((page) => page.Tables));
const Quality = lazy(() => import('./pages/operator/quality.tsx').then((page) => page.Quality));
const Incidents = lazy(() => import('./pages/operator/incidents.tsx').then((page) => page.Incidents));
const Fraud = lazy(() => import('./pages/operator/fraud.tsx').then((page) => page.Fraud));
const Recon = lazy(() => import('./pages/operator/recon.tsx').then((page) => page.Recon));
const ReconRuns = lazy(() => import('./pages/operator/recon-runs.tsx').then((page) => page.ReconRuns));
const Publications = lazy(() => import('./pages/operator/publications.tsx').then((page) => page.Publications));
const Jobs = lazy(() => import('./pages/operator/jobs.tsx').then((page) => page.Jobs));
const Sql = lazy(() => import('./pages/operator/sql.tsx').then((page) => page.Sql));

export function App() {
  const user = session.value;
  if (user === undefined) return <div class="loading page-loading" role="status" aria-label="Loading" />;
  return <LocationProvider>{user === null ? <Login /> : <Pages operator={user.role === 'operator'} />}</LocationProvider>;
}

function Pages({ operator }: { readonly operator: boolean }) {
  const { path, route } = useLocation();
  const astray = operator ? !path.startsWith('/operator') : false;
  useEffect(() => {
    if (astray) route('/operator', true);
  }, [astray]);
  if (astray) return null;
  return (
    <Shell operator={operator}>
      {!operator && path.startsWith('/operator') ? <OperatorsOnly /> : operator ? <OperatorPages /> : <CustomerPages />}
    </Shell>
  );
}

function CustomerPages() {
  return (
    <Router>
      <Route path="/" component={Overview} />
      <Route path="/spending" component={Spending} />
      <Route path="/portfolio" component={Portfolio} />
      <Route path="/alerts" component={Alerts} />
      <Route default component={NotFound} />
    </Router>
  );
}

function OperatorPages() {
  return (
    <Router>
      <Route path="/operator" component={Pipeline} />
      <Route path="/operator/topics" component={Topics} />
      <Route path="/operator/parked" component={Parked} />
      <Route path="/operator/tables" component={Tables} />
      <Route path="/operator/quality" component={Quality} />
      <Route path="/operator/incidents" component={Incidents} />
      <Route path="/operator/fraud" component={Fraud} />
      <Route path="/operator/recon" component={Recon} />
      <Route path="/operator/recon/runs" component={ReconRuns} />
      <Route path="/operator/publications" component={Publications} />
      <Route path="/operator/jobs" component={Jobs} />
      <Route path="/operator/sql" component={Sql} />
      <Route default component={NotFound} />
    </Router>
  );
}

function OperatorsOnly() {
  return (
    <>
      <h1>For operators</h1>
      <Empty>
        This page shows the pipeline behind the bank and is open to operators only. <a href="/">Back to your overview</a>
      </Empty>
    </>
  );
}

function NotFound() {
  return (
    <>
      <h1>No such page</h1>
      <Empty>
        There is nothing at this address. <a href="/">Go to the start page</a>
      </Empty>
    </>
  );
}
