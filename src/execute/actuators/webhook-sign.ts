/**
 * The signature of a webhook: `t=SECONDS,v1=HEX`, with one v1 for each key, so that a receiver may know either of two while keys change. What is signed
 * is the time, a full stop and the body as it is sent: neither can be taken from another request. docs/actuators.md says how it is verified.
 */
import { createHmac } from 'node:crypto';

export const SIGNATURE = 'homeostat-signature';

/** The value of the header. `seconds`: when it is signed, since 1970. */
export function signatureOf(keys: readonly string[], seconds: number, body: string): string {
  const signed = keys.map((key) => `v1=${createHmac('sha256', key).update(`${seconds}.${body}`).digest('hex')}`);
  return [`t=${seconds}`, ...signed].join(',');
}
