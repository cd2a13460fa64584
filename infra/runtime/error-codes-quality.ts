// Codes of jobs, data quality and notifications.

import type { ErrorCodeEntry } from './failure-kind.ts';

export const QUALITY_CODES = {
  LF_JOB_INVALID: {
    kind: 'fatal',
    cause: 'A job of the code cannot be run: its schedule, its name, or its place in the graph of jobs.',
    remedy: 'Correct the job that the message names; docs/adr/0019-jobs.md says what a job is.',
  },
  LF_JOB_UNKNOWN: {
    kind: 'fatal',
    cause: 'There is no job of this name in the running processor.',
    remedy: '`ledgerflow jobs list` shows their names.',
  },
  LF_JOB_QUEUE_FULL: {
    kind: 'retryable',
    cause: 'More runs of jobs were asked for than may wait.',
    remedy: 'Wait until some have ended (`ledgerflow jobs history`), then ask again.',
  },
  LF_JOB_TIME_LIMIT: {
    kind: 'retryable',
    cause: 'A run of a job took longer than the job allows; what it did was undone.',
    remedy:
      'It is tried again with back-off. If it fails again and again, the lake may have outgrown the job: raise its limit in the code.',
  },
  LF_JOB_BROKEN_OFF: {
    kind: 'fatal',
    cause: 'The process ended in the middle of a run, several times in a row.',
    remedy: 'Look for what ended the processor (memory, a kill) in its log; then `ledgerflow jobs run <job>`.',
  },
  LF_CHECK_FILE: {
    kind: 'fatal',
    cause: 'The file of a data-quality check in lake/quality/rules is not valid.',
    remedy: 'Correct the field that the message names; docs/data-quality.md says what a check file holds.',
  },
  LF_INCIDENT_UNKNOWN: {
    kind: 'fatal',
    cause: 'There is no incident of this number, or it is closed.',
    remedy: '`ledgerflow incidents list --all` shows their numbers.',
  },
  LF_WEBHOOK_FAILED: {
    kind: 'retryable',
    cause: 'The webhook for notifications did not take one.',
    remedy: 'It is tried again with back-off. Check LEDGERFLOW_ALERT_WEBHOOK_URL and what listens there.',
  },
  LF_WEBHOOK_REFUSED: {
    kind: 'fatal',
    cause: 'The webhook for notifications leads to a loopback, private or link-local address, or is not configured any more.',
    remedy: 'If that is where it should go, set LEDGERFLOW_ALERT_WEBHOOK_INTERNAL=true; otherwise correct LEDGERFLOW_ALERT_WEBHOOK_URL.',
  },
} as const satisfies Record<string, ErrorCodeEntry>;
