/**
 * Reads secrets from where a document says they are. What is read here goes into a connection and nowhere else: not into a log, an answer, an
 * error or the stored configuration, which hold the name of its place only.
 */
import { readFileSync, statSync } from 'node:fs';
import { resolve } from 'node:path';
import type { Secret } from './documents/secret.ts';
import { HomeostatError, messageOf } from './errors.ts';

/** Longer than any password, token or key; a file that is larger is some other file. */
const MAX_SECRET_BYTES = 65_536;

/** What secrets are read from. */
export interface SecretSource {
  /** The variables of the environment, as `environment()` of `config.ts` gives them. */
  readonly environment: Readonly<Record<string, string>>;
  /** Where paths of files start: the folder of the manager file. */
  readonly directory: string;
}

/**
 * The secret itself. Read it again for each new connection, so that a file that was replaced takes effect.
 *
 * @param what who needs it, as a person would look for it, such as `services.kafka.sasl.password`
 * @throws HomeostatError H008 if it is not there, empty, or cannot be read
 */
export function readSecret(secret: Secret, source: SecretSource, what: string): string {
  const value = 'env' in secret ? fromEnvironment(secret.env, source, what) : fromFile(resolve(source.directory, secret.file), what);
  if (value === '') throw new HomeostatError('H008', `${what}: ${placeOf(secret)} is empty`);
  return value;
}

/** Where a secret is, for people. */
export const placeOf = (secret: Secret): string => ('env' in secret ? `environment variable ${secret.env}` : `file ${secret.file}`);

function fromEnvironment(name: string, { environment }: SecretSource, what: string): string {
  const value = Object.hasOwn(environment, name) ? environment[name] : undefined;
  if (value === undefined)
    throw new HomeostatError('H008', `${what}: there is no environment variable ${name}; set it, or name a file: {"file": "path"}`);
  return value;
}

function fromFile(path: string, what: string): string {
  let text: string;
  try {
    const stat = statSync(path);
    // A pipe, such as a shell's <(command), says nothing of its size.
    if (stat.isFile() && stat.size > MAX_SECRET_BYTES) throw new Error(`it has more than ${MAX_SECRET_BYTES} bytes, which no secret has`);
    text = readFileSync(path, 'utf8');
  } catch (thrown) {
    throw new HomeostatError('H008', `${what}: file ${path} cannot be read: ${messageOf(thrown)}`, { cause: thrown });
  }
  return text.replace(/\r?\n$/, '');
}
