/** Where a running manager answers: `api.json` in its folder, and the token that opens it. Both are for their owner's eyes only. */
import { randomBytes } from 'node:crypto';
import { mkdirSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

export interface Address {
  readonly url: string;
  readonly token: string;
  readonly pid: number;
  /** SHA-256 of its certificate, where it answers by TLS. */
  readonly fingerprint?: string;
}

const addressFile = (folder: string): string => join(folder, 'api.json');

/** Written whole or not at all: a reader never sees half of it. */
function writePrivately(file: string, text: string): void {
  const draft = `${file}.new`;
  rmSync(draft, { force: true });
  writeFileSync(draft, text, { mode: 0o600 });
  renameSync(draft, file);
}

/** The token that the manager file gives or, without one, that of the folder, made at the first start. */
export function tokenOf(folder: string, given: string | undefined): string {
  if (given !== undefined) return given;
  const file = join(folder, 'token');
  const kept = read(file)?.trim();
  if (kept !== undefined && kept !== '') return kept;
  const token = randomBytes(24).toString('base64url');
  mkdirSync(folder, { recursive: true });
  writePrivately(file, `${token}\n`);
  return token;
}

export const writeAddress = (folder: string, address: Address): void => writePrivately(addressFile(folder), `${JSON.stringify(address)}\n`);

/** Takes the address away, if it is still that of the given process. */
export function removeAddress(folder: string, pid: number): void {
  if (parse(read(addressFile(folder)))?.pid === pid) rmSync(addressFile(folder), { force: true });
}

/** The address of the manager that runs on a folder; undefined: none does. One that was left by a dead process is known by its pid. */
export function readAddress(folder: string): Address | undefined {
  const address = parse(read(addressFile(folder)));
  return address !== undefined && lives(address.pid) ? address : undefined;
}

function read(file: string): string | undefined {
  try {
    return readFileSync(file, 'utf8');
  } catch {
    return undefined;
  }
}

function parse(text: string | undefined): Address | undefined {
  try {
    const address = JSON.parse(text ?? '') as Partial<Address> | null;
    const { url, token, pid, fingerprint } = address ?? {};
    if (typeof url !== 'string' || typeof token !== 'string' || typeof pid !== 'number') return undefined;
    return { url, token, pid, ...(typeof fingerprint === 'string' ? { fingerprint } : {}) };
  } catch {
    return undefined;
  }
}

function lives(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch (thrown) {
    // A process of another user lives too.
    return (thrown as NodeJS.ErrnoException).code === 'EPERM';
  }
}
