// The command line of a Kafka program: class path, heap, short pauses, bounded log, nothing outside its own folder.

import path from 'node:path';
import { fileURLToPath } from 'node:url';
import type { Launch } from './part.ts';

export interface JavaProgram {
  readonly java: string;
  /** Folder of jars. */
  readonly jars: string;
  readonly mainClass: string;
  readonly args: readonly string[];
  readonly heapMb: number;
  readonly logFile: string;
  /** Its own folder, for temporary files (native compression libraries). */
  readonly folder: string;
}

const LOG_SETTINGS = fileURLToPath(new URL('../../kafka/log4j2.properties', import.meta.url));

/**
 * Only the first of the two compilers. Both together take 40 to 60 % of a core for minutes after a start, more than all the work of the
 * program, in the way of each change event that passes through (docs/performance.md).
 */
const COMPILER = '-XX:TieredStopAtLevel=1';

export function javaLaunch(program: JavaProgram): Launch {
  const options = [
    COMPILER,
    `-Xmx${program.heapMb}m`,
    '-XX:+UseG1GC',
    '-XX:MaxGCPauseMillis=20',
    '-XX:+ExitOnOutOfMemoryError',
    '-XX:-UsePerfData',
    '-Djava.net.preferIPv4Stack=true',
    '-Djava.awt.headless=true',
    `-Djava.io.tmpdir=${path.join(program.folder, 'tmp')}`,
    `-Dledgerflow.log=${program.logFile}`,
    `-Dlog4j2.configurationFile=${LOG_SETTINGS}`,
  ];
  return {
    command: program.java,
    args: [...options, '-cp', path.join(program.jars, '*'), program.mainClass, ...program.args],
    cwd: program.folder,
  };
}
