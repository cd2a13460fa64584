// Where a webhook may go. Its address is the operator's setting, yet a name in it may be pointed elsewhere by others: so the address that
// is really connected to is judged, at the connection, and redirects are not followed.

import { lookup } from 'node:dns';
import { BlockList, isIP, type LookupFunction } from 'node:net';
import { LedgerflowError } from '../../infra/runtime/errors.ts';

const INTERNAL = new BlockList();
for (const [network, bits] of [
  ['0.0.0.0', 8],
  ['10.0.0.0', 8],
  ['100.64.0.0', 10],
  ['127.0.0.0', 8],
  ['169.254.0.0', 16],
  ['172.16.0.0', 12],
  ['192.0.0.0', 24],
  ['192.168.0.0', 16],
  ['198.18.0.0', 15],
  ['224.0.0.0', 3],
] as const)
  INTERNAL.addSubnet(network, bits, 'ipv4');
for (const [network, bits] of [
  ['::', 127],
  ['64:ff9b::', 96],
  ['fc00::', 7],
  ['fe80::', 10],
  ['ff00::', 8],
] as const)
  INTERNAL.addSubnet(network, bits, 'ipv6');

/** Loopback, private, link-local (cloud metadata among them), multicast and reserved addresses. */
export function isInternal(address: string): boolean {
  const mapped = /^::ffff:(\d+\.\d+\.\d+\.\d+)$/i.exec(address)?.[1];
  if (mapped !== undefined) return isInternal(mapped);
  const family = isIP(address);
  return family === 0 || INTERNAL.check(address, family === 4 ? 'ipv4' : 'ipv6');
}

export function refused(address: string): LedgerflowError {
  return new LedgerflowError('LF_WEBHOOK_REFUSED', 'the webhook leads to an internal address', { where: address });
}

/** A look-up for http.request that gives no internal address. */
export function guardedLookup(allowInternal: boolean, refuse: (address: string) => Error = refused): LookupFunction {
  return (hostname, options, callback) => {
    lookup(hostname, options, (error, address, family) => {
      const found = Array.isArray(address) ? address.map((each) => each.address) : [address];
      const internal = error === null && !allowInternal ? found.find(isInternal) : undefined;
      callback(internal === undefined ? error : refuse(internal), address, family);
    });
  };
}
