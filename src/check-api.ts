/** What the schema cannot say of the API: tokens that are named twice or lead nowhere, and doors that stand open. */
import { createHash } from 'node:crypto';
import { at, type Findings, type Place } from './compile/report.ts';
import type { ApiDocument } from './documents/api.ts';
import { durationMs, isDuration } from './duration.ts';

/** A request may wait so long for the next entry of the journal, and the connection is silent meanwhile. */
const SHORTEST_IDLE_MS = 35_000;
const LONGEST_MS = 3_600_000;
const OF_NOTHING = createHash('sha256').update('').digest('hex');
const HERE = ['127.0.0.1', '::1', 'localhost'];

export function checkApi(api: ApiDocument | undefined, place: Place, findings: Findings): void {
  if (api === undefined) return;
  const { host = '127.0.0.1', tokens = [], tls, limits = {} } = api;
  const seen = new Set<string>(['owner']);
  for (const [i, { name, token, sha256 }] of tokens.entries()) {
    const here = at(place, 'tokens', i);
    if (seen.has(name))
      findings.error(
        'H006',
        at(here, 'name'),
        name === 'owner' ? '"owner" is the name of the token in api.token' : `two tokens are named "${name}"`,
      );
    seen.add(name);
    if ((token === undefined) === (sha256 === undefined))
      findings.error('H003', here, 'a token is given either by "token", where it is found, or by its "sha256"');
    if (sha256 === OF_NOTHING)
      findings.error(
        'H003',
        at(here, 'sha256'),
        'this is the SHA-256 of nothing',
        'the variable that was hashed was empty: printf %s "$TOKEN" | sha256sum',
      );
  }
  for (const name of ['headers', 'request', 'idle'] as const) {
    const given = limits[name];
    if (given === undefined) continue;
    const least = name === 'idle' ? SHORTEST_IDLE_MS : 1_000;
    if (!isDuration(given) || durationMs(given) < least || durationMs(given) > LONGEST_MS)
      findings.error('H003', at(place, 'limits', name), `found "${given}"; it must be from ${least / 1_000}s to 1h`);
  }
  if (limits.headers !== undefined && isDuration(limits.headers) && durationMs(limits.headers) > durationMs(limits.request ?? '30s'))
    findings.error(
      'H003',
      at(place, 'limits', 'headers'),
      `found "${limits.headers}"; headers are part of a request, which may take ${limits.request ?? '30s'} (limits.request)`,
    );
  if (tls === undefined && !HERE.includes(host) && !host.startsWith('127.'))
    findings.list.push({
      code: 'H341',
      severity: 'warning',
      ...at(place, 'host'),
      message: `it answers on ${host} without TLS: tokens can be read on the way`,
      remedy: 'give api.tls a certificate, or answer on 127.0.0.1 behind a proxy that speaks TLS',
    });
}
