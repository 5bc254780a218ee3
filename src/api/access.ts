/** Who may ask what: tokens with their roles, compared in constant time, and how often each may come. */
import { createHash, timingSafeEqual } from 'node:crypto';
import type { Clock } from '../clock.ts';
import { type ApiDocument, ROLES, type Role } from '../documents/api.ts';
import { readSecret, type SecretSource } from '../secrets.ts';
import { Refusal } from './answers.ts';
import { Rates } from './rates.ts';

/** Whose token came with a request, and from where. */
export interface Caller {
  /** The name of the token. */
  readonly name: string;
  /** The token of the owner says nothing of the person who holds it. */
  readonly owner: boolean;
  readonly from: string;
  readonly roles: ReadonlySet<Role>;
}

interface Known {
  readonly name: string;
  readonly owner: boolean;
  /** Good only for who asks from this machine. */
  readonly local: boolean;
  readonly roles: ReadonlySet<Role>;
  readonly digest: Buffer;
  readonly requestsPerSecond: number;
  readonly messageBytes: number;
}

/** What of a request decides who is let in. */
export interface Asking {
  readonly authorization: string | undefined;
  readonly from: string;
  /** Its declared length; undefined: it comes in chunks, or has no body. */
  readonly bytes?: number | undefined;
  readonly chunked?: boolean;
}

export const OWNER = 'owner';
const MINUTE_MS = 60_000;
const SECOND_MS = 1_000;
const ALL: ReadonlySet<Role> = new Set(ROLES);

/** Why requests were refused, as `/metrics` counts them. */
export const REFUSALS = ['token', 'role', 'rate', 'size'] as const;
export type RefusedFor = (typeof REFUSALS)[number];

export interface AccessOptions {
  readonly api: ApiDocument;
  /** The token of the owner, and whether it was made by us: then it opens on this machine only. */
  readonly owner: { readonly token: string; readonly made: boolean };
  readonly secrets: SecretSource;
  readonly clock: Clock;
  readonly messageBytes: number;
}

export class Access {
  readonly #options: AccessOptions;
  readonly #rates: Rates;
  readonly #limits: { readonly requestsPerSecond: number; readonly failuresPerMinute: number };
  #known: readonly Known[];
  /** Requests that were refused, by what for. */
  readonly refused: Record<RefusedFor, number> = { token: 0, role: 0, rate: 0, size: 0 };

  /** @throws HomeostatError H008 if the secret of a token cannot be read */
  constructor(options: AccessOptions) {
    this.#options = options;
    this.#rates = new Rates(options.clock);
    this.#limits = { requestsPerSecond: 5_000, failuresPerMinute: 60, ...options.api.limits };
    this.#known = this.#read();
  }

  /** Reads the secrets again, so that a token which was replaced counts at once. @throws HomeostatError H008; then the old ones stay */
  renew(): void {
    this.#known = this.#read();
  }

  /** Lets a request in, if one of the roles is that of its token. @throws Refusal 401, 403, 411, 413 or 429 */
  admit(asking: Asking, roles: readonly Role[]): Caller {
    const { from } = asking;
    const failing = this.#rates.wait(`failed\t${from}`, this.#limits.failuresPerMinute, MINUTE_MS);
    const tooMany = `${from} sent too many wrong tokens`;
    // Before the token is looked at, so that nobody finds one by trying; but on this machine a right one opens always: a scraper with a wrong token
    // must not keep the emergency stop from whoever sits beside it.
    if (!isLoopback(from)) this.#wait(failing, tooMany);
    const known = this.#find(asking.authorization, from);
    if (known === undefined) {
      this.#wait(failing, tooMany);
      this.#rates.take(`failed\t${from}`, this.#limits.failuresPerMinute, MINUTE_MS);
      this.#refuse('token', 401, 'H306', `the token is missing or wrong; ${REMEDY}`);
    }
    this.#wait(
      this.#rates.take(`token\t${known.name}\t${from}`, known.requestsPerSecond, SECOND_MS),
      `token "${known.name}" asks more than ${known.requestsPerSecond} times a second (requestsPerSecond)`,
    );
    if (!roles.some((role) => known.roles.has(role))) {
      const need = roles.join('" or "');
      this.#refuse(
        'role',
        403,
        'H340',
        `token "${known.name}" may not do this: it has the roles ${[...known.roles].join(', ')}, and this needs "${need}"`,
      );
    }
    this.#measure(known, asking);
    return { name: known.name, owner: known.owner, from, roles: known.roles };
  }

  #measure({ name, messageBytes }: Known, { bytes, chunked }: Asking): void {
    if (messageBytes >= this.#options.messageBytes) return;
    if (chunked === true) this.#refuse('size', 411, 'H202', `token "${name}" has a limit of its own on bytes: say content-length`);
    if ((bytes ?? 0) > messageBytes)
      this.#refuse(
        'size',
        413,
        'H202',
        `the request has ${bytes} bytes, and token "${name}" may send ${messageBytes}; send less at a time`,
      );
  }

  #wait(ms: number, text: string): void {
    if (ms > 0) this.#refuse('rate', 429, 'H202', `${text}; wait ${ms} ms`);
  }

  #refuse(what: RefusedFor, status: number, code: 'H202' | 'H306' | 'H340', text: string): never {
    this.refused[what]++;
    throw new Refusal(status, code, text);
  }

  /** Every token is compared, whichever fits: the time tells nothing. */
  #find(authorization: string | undefined, from: string): Known | undefined {
    const credential = credentialIn(authorization);
    if (credential === '') return undefined;
    const given = digest(credential);
    let found: Known | undefined;
    for (const known of this.#known) if (timingSafeEqual(known.digest, given) && (!known.local || isLoopback(from))) found = known;
    return found;
  }

  #read(): readonly Known[] {
    const { api, owner, secrets, messageBytes } = this.#options;
    const { requestsPerSecond } = this.#limits;
    const others = (api.tokens ?? []).map((one, i): Known => {
      const roles = new Set<Role>(one.roles);
      if (one.roles.some((role) => role !== 'feed')) roles.add('read');
      return {
        name: one.name,
        owner: false,
        local: false,
        roles,
        digest:
          one.token === undefined ? Buffer.from(one.sha256 ?? '', 'hex') : digest(readSecret(one.token, secrets, `api.tokens.${i}.token`)),
        requestsPerSecond: one.requestsPerSecond ?? requestsPerSecond,
        messageBytes: Math.min(messageBytes, one.messageBytes ?? messageBytes),
      };
    });
    const own: Known = {
      name: OWNER,
      owner: true,
      local: owner.made,
      roles: ALL,
      digest: digest(owner.token),
      requestsPerSecond,
      messageBytes,
    };
    return [own, ...others];
  }
}

const REMEDY =
  'send the header authorization: Bearer TOKEN, with a token of api.tokens in the manager file or, on its machine, that of api.json in its folder';

/** `Bearer` as we ask for it; `Token`, and the password of `Basic`, are how InfluxDB's clients send theirs. */
export function credentialIn(authorization: string | undefined): string {
  const [, scheme = '', rest = ''] = /^(\S+) +(\S+)$/.exec(authorization ?? '') ?? [];
  switch (scheme.toLowerCase()) {
    case 'bearer':
    case 'token':
      return rest;
    case 'basic': {
      const text = Buffer.from(rest, 'base64').toString('utf8');
      return text.slice(text.indexOf(':') + 1);
    }
    default:
      return '';
  }
}

export const isLoopback = (address: string): boolean => /^(::ffff:)?127\.|^::1$/.test(address);

/** Both sides hashed, so that the comparison takes the same time whatever their lengths. */
const digest = (text: string): Buffer => createHash('sha256').update(text).digest();
