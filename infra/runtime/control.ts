// The door through which commands reach the running processor, which alone may write the store: POST /control/<name> with a JSON body
// on the HTTP side, from this machine only, with the token of <home>/control.json (readable by its owner alone).
// Answers are JSON: the command's result, or {"error": {code, message, where, remedy}}.

import { randomBytes, timingSafeEqual } from 'node:crypto';
import path from 'node:path';
import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import { z } from 'zod';
import { writeFileAtomic } from './atomic-file.ts';
import { LedgerflowError, messageOf } from './errors.ts';

/** One command: what it takes, and what it does. */
export interface ControlCommand {
  /** `dlq/redrive` is reached as POST /control/dlq/redrive. */
  readonly name: string;
  /** Checks the body and runs. @throws LedgerflowError, which the caller is told */
  handle(body: unknown): Promise<object>;
}

/** A command whose body is checked before it runs; a body that is not allowed is LF_USAGE, naming the field. */
export function controlCommand<S extends z.ZodType>(name: string, schema: S, run: (input: z.output<S>) => Promise<object>): ControlCommand {
  return {
    name,
    handle: (body) => {
      const parsed = schema.safeParse(body ?? {});
      if (parsed.success) return run(parsed.data);
      const [issue] = parsed.error.issues;
      throw new LedgerflowError('LF_USAGE', `${issue?.path.join('.') ?? ''}: ${issue?.message ?? 'not allowed'}`, { where: name });
    },
  };
}

export interface ControlDoor {
  readonly token: string;
  readonly commands: readonly ControlCommand[];
}

/** What a client needs to knock: written by the processor when it listens. */
export const controlFileSchema = z.object({ url: z.url(), token: z.string(), pid: z.number().int() });
export type ControlFile = z.infer<typeof controlFileSchema>;

export function controlFilePath(home: string): string {
  return path.join(home, 'control.json');
}

export function newControlToken(): string {
  return randomBytes(32).toString('hex');
}

/** Tells where the door is, to whoever may read the home folder's private files. */
export async function writeControlFile(home: string, file: ControlFile): Promise<void> {
  await writeFileAtomic(controlFilePath(home), `${JSON.stringify(file)}\n`, { mode: 0o600 });
}

export const controlErrorSchema = z.object({
  error: z.object({ code: z.string(), message: z.string(), where: z.string().nullable(), remedy: z.string() }),
});

const LOOPBACK = /^(127\.|::1$|::ffff:127\.)/;
const BODY_BYTES_MAX = 1_048_576;

/** Adds the door to an HTTP server. */
export function addControlRoutes(app: FastifyInstance, door: ControlDoor): void {
  const commands = new Map(door.commands.map((command) => [command.name, command]));
  app.post<{ Params: { '*': string } }>('/control/*', { bodyLimit: BODY_BYTES_MAX }, async (request, reply) => {
    try {
      admit(request, door.token);
      const name = request.params['*'];
      const command = commands.get(name);
      if (command === undefined) throw new LedgerflowError('LF_CONTROL_UNKNOWN', `there is no command ${name}`);
      return await reply.header('cache-control', 'no-store').send(await command.handle(request.body));
    } catch (error) {
      return refuse(reply, error);
    }
  });
}

function admit(request: FastifyRequest, token: string): void {
  if (!LOOPBACK.test(request.ip)) throw new LedgerflowError('LF_CONTROL_DENIED', 'control commands are taken from this machine only');
  const given = Buffer.from(request.headers.authorization ?? '');
  const wanted = Buffer.from(`Bearer ${token}`);
  if (given.length !== wanted.length || !timingSafeEqual(given, wanted))
    throw new LedgerflowError('LF_CONTROL_DENIED', 'the token is missing or not that of this processor');
}

const STATUS_OF: Readonly<Record<string, number>> = { LF_USAGE: 400, LF_CONTROL_DENIED: 401, LF_CONTROL_UNKNOWN: 404 };

function refuse(reply: FastifyReply, error: unknown): FastifyReply {
  const known = error instanceof LedgerflowError ? error : new LedgerflowError('LF_CONTROL_FAILED', messageOf(error), { cause: error });
  const { code, message, where = null, remedy } = known;
  return reply.code(STATUS_OF[code] ?? 409).send({ error: { code, message, where, remedy } });
}
