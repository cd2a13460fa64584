// Tests only: replays in a process of its own that dies at a place: folder, name, fault point.

import { armFaultPoint } from '../../infra/runtime/fault-point.ts';
import { replayInto, type Bronze } from './testkit-bronze.ts';

const [folder = '', name = '', bronze = '', point = ''] = process.argv.slice(2);
armFaultPoint(point);
await replayInto(folder, name, JSON.parse(bronze) as Bronze);
process.stdout.write('survived');
