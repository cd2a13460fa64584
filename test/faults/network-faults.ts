// The network between two parts: cut, silent, slow.

import { pause, underLoad, type Fault } from './fault.ts';
import type { NetworkState } from './proxy.ts';
import type { FaultStack } from './stack.ts';

const WAYS = {
  'processor-broker': (stack: FaultStack) => stack.ways.processorBroker,
  'connect-broker': (stack: FaultStack) => stack.ways.connectBroker,
  'connect-mysql': (stack: FaultStack) => stack.ways.connectMysql,
} as const;

const TOLD: Readonly<Record<Exclude<NetworkState, 'pass'>, string>> = {
  cut: 'connections end and are refused for 20 s',
  stall: 'nothing arrives for 20 s, connections stay',
  slow: '100 ms and 512 kB/s for 20 s',
};

function networkFault(way: keyof typeof WAYS, state: Exclude<NetworkState, 'pass'>): Fault {
  return {
    name: `network-${state}-${way}`,
    injected: `${way.replace('-', ' ↔ ')}: ${TOLD[state]}, under load`,
    run: async ({ stack, short }) =>
      await underLoad(stack, async () => {
        const proxy = WAYS[way](stack);
        proxy.set(state);
        await pause(short ? 8_000 : 20_000);
        const report = await stack.report();
        const detected = `${report.state}${report.reason === null || report.reason === undefined ? '' : `: ${report.reason}`}`;
        const at = performance.now();
        proxy.set('pass');
        const recoveryMs = await stack.untilFresh(at);
        const honest = state === 'slow' || report.state === 'degraded';
        return { detected, recoveryMs, violations: honest ? [] : [`while ${way} was ${state} the state was ${detected}`] };
      }),
  };
}

export function networkFaults(): Fault[] {
  const ways = Object.keys(WAYS) as (keyof typeof WAYS)[];
  return ways.flatMap((way) => (['cut', 'stall', 'slow'] as const).map((state) => networkFault(way, state)));
}
