// The generated files of infra/grafana: `npm run docs` writes them, a test compares them.

import { alertingFile } from './alerts.ts';
import { customer360 } from './customer.ts';
import { executive } from './executive.ts';
import { fraud } from './fraud.ts';
import { integrity } from './integrity.ts';
import type { Board } from './layout.ts';
import { operations } from './operations.ts';
import { pipeline } from './pipeline.ts';
import { recon } from './recon.ts';

/** By file name; the first one opens first. */
export function dashboards(): ReadonlyMap<string, Board> {
  return new Map([
    ['executive', executive()],
    ['operations', operations()],
    ['customer-360', customer360()],
    ['ledger-integrity', integrity()],
    ['fraud', fraud()],
    ['reconciliation', recon()],
    ['pipeline', pipeline()],
  ]);
}

/** Path from the project's root, and content. */
export function grafanaFiles(): ReadonlyMap<string, string> {
  const json = (value: object): string => `${JSON.stringify(value, null, 2)}\n`;
  const boards = [...dashboards()].map(([name, board]) => [`infra/grafana/dashboards/${name}.json`, json(board)] as const);
  return new Map([...boards, ['infra/grafana/provisioning/alerting/ledgerflow.json', json(alertingFile())]]);
}
