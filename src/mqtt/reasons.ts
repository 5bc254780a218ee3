/** Why a connection ended, in words that say what to do. */
import type { Ending } from './client.ts';

/** What an ending means for the next attempt. */
export interface Verdict {
  readonly text: string;
  /** The broker does not speak this version of the protocol. */
  readonly version: boolean;
  /** Trying again soon cannot help: somebody has to change something. */
  readonly stubborn: boolean;
}

const WRONG_VERSION = [1, 132];
const BAD_USER = [4, 134];
const NOT_ALLOWED = [5, 135, 138];
const BAD_ID = [2, 133];
const TAKEN_OVER = 142;

export function verdictOf(ending: Ending, { url, clientId, version }: { url: string; clientId: string; version: 4 | 5 }): Verdict {
  const { code, reason, welcomed } = ending;
  const plain = (text: string): Verdict => ({ text, version: false, stubborn: false });
  const stubborn = (text: string): Verdict => ({ text, version: false, stubborn: true });
  if (code !== undefined && WRONG_VERSION.includes(code) && !welcomed)
    return { text: `the broker does not speak MQTT ${version === 5 ? '5' : '3.1.1'}`, version: true, stubborn: false };
  if (code !== undefined && BAD_USER.includes(code)) return stubborn('the broker refuses username or password; correct them under mqtt');
  if (code !== undefined && NOT_ALLOWED.includes(code))
    return stubborn(
      'the broker does not allow this user to connect; correct username and password under mqtt, or the rights at the broker',
    );
  if (code !== undefined && BAD_ID.includes(code)) return stubborn(`the broker refuses the client id "${clientId}"; set mqtt.clientId`);
  if (code === TAKEN_OVER) return stubborn(`another has connected as "${clientId}"; give each process a mqtt.clientId of its own`);
  if (/ECONNREFUSED/.test(reason)) return plain(`nobody listens at ${url}: is the broker running?`);
  if (/ENOTFOUND|EAI_AGAIN/.test(reason)) return plain(`the host of ${url} is not known: ${reason}`);
  if (/alert.*certificate required|handshake failure|alert bad certificate|alert unknown ca/i.test(reason))
    return stubborn(`the broker wants a certificate that it trusts; see mqtt.tls.cert and mqtt.tls.key: ${reason}`);
  if (/certificate|self.signed|altname|unable to (get|verify)/i.test(reason))
    return stubborn(`the broker's certificate is not trusted; see mqtt.tls.ca and serverName: ${reason}`);
  if (/connack timeout/i.test(reason))
    return plain('the broker took the connection and did not answer; does it speak MQTT (and TLS, if mqtts) on this port?');
  // Old brokers hang up on a version that they do not know.
  if (!welcomed && /closed the connection|ended the connection/.test(reason))
    return { text: `${reason} before it had answered`, version: true, stubborn: false };
  return plain(reason);
}
