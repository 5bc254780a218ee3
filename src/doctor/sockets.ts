/** What a port is, found out by talking to it: whether anybody is there, whether it speaks TLS, and with which certificate. */
import { connect, isIP, type Socket } from 'node:net';
import { type ConnectionOptions, connect as connectTls } from 'node:tls';
import { messageOf } from '../errors.ts';
import { away, error, type Trouble } from './check.ts';

/** How long we wait for a connection, or for a word, ms. */
const WAIT_MS = 3_000;

export interface Place {
  readonly host: string;
  readonly port: number;
}

export const placeText = ({ host, port }: Place): string => `${host}:${port}`;

export interface Talk {
  /** What came back until `enough` was true, the end or the time. */
  readonly answer: Buffer;
  /** The error that ended it; undefined: it was closed, or the time was up. */
  readonly failure: NodeJS.ErrnoException | undefined;
  readonly connected: boolean;
  readonly closed: boolean;
}

/** Connects, by TLS if options are given, sends bytes and listens. Never throws. */
export function talk(place: Place, send: Buffer, enough: (answer: Buffer) => boolean, tls?: ConnectionOptions): Promise<Talk> {
  return new Promise((resolve) => {
    let answer = Buffer.alloc(0);
    let [connected, closed] = [false, false];
    let failure: NodeJS.ErrnoException | undefined;
    const begin = () => {
      connected = true;
      if (send.length === 0) end();
      else socket.write(send);
    };
    const name = isIP(place.host) === 0 ? { servername: place.host } : {};
    const socket: Socket =
      tls === undefined
        ? connect({ ...place, timeout: WAIT_MS }, begin)
        : connectTls({ ...place, ...name, ...tls, timeout: WAIT_MS }, begin);
    const end = () => {
      socket.destroy();
      resolve({ answer, failure, connected, closed });
    };
    socket.on('timeout', end);
    socket.on('data', (data: Buffer) => {
      answer = Buffer.concat([answer, data]);
      if (enough(answer)) end();
    });
    socket.on('error', (thrown: NodeJS.ErrnoException) => {
      failure = thrown;
    });
    socket.on('close', () => {
      closed = true;
      end();
    });
  });
}

/** An alert of TLS, which is how it answers to what is none. */
export const isTlsAlert = (answer: Buffer): boolean => answer.length >= 3 && answer[0] === 0x15 && answer[1] === 0x03;

/** Whether a port speaks TLS, whatever its certificate. */
export async function speaksTls(place: Place): Promise<boolean> {
  const { connected, failure } = await talk(place, Buffer.alloc(0), () => false, { rejectUnauthorized: false });
  // Who asks for our certificate has spoken TLS with us up to there.
  return connected || /ALERT|CERTIFICATE_REQUIRED/i.test(failure?.code ?? '');
}

/** Why nobody could be reached at all; undefined: somebody was. */
export function unreachable(place: Place, { connected, failure }: Talk, what: string, key: string): readonly Trouble[] | undefined {
  if (connected) return undefined;
  const where = placeText(place);
  switch (failure?.code) {
    case 'ECONNREFUSED':
      return away(
        `nothing listens at ${where}`,
        `start ${what}, or correct ${key}: see its listener, and whether it listens on an address that can be reached from here`,
      );
    case 'ENOTFOUND':
    case 'EAI_AGAIN':
      return away(`the name ${place.host} cannot be resolved`, `correct ${key}, or see the name service of this machine`);
    case 'EHOSTUNREACH':
    case 'ENETUNREACH':
      return away(`there is no way to ${where} (${failure.code})`, 'see routes and firewalls');
    case undefined:
      return away(
        `${where} does not answer within ${WAIT_MS / 1_000} s`,
        'see whether a firewall drops packets, or the machine is overloaded',
      );
    default:
      return undefined;
  }
}

const UNTRUSTED =
  /^(UNABLE_TO_VERIFY_LEAF_SIGNATURE|SELF_SIGNED_CERT_IN_CHAIN|DEPTH_ZERO_SELF_SIGNED_CERT|UNABLE_TO_GET_ISSUER_CERT(_LOCALLY)?|CERT_SIGNATURE_FAILURE|CERT_UNTRUSTED)$/;

/** What is wrong with TLS by what its handshake failed with; undefined: it is something else. `key`: where its options are in the manager file. */
export function tlsTrouble(place: Place, thrown: unknown, key: string): readonly Trouble[] | undefined {
  const where = placeText(place);
  const { code = '' } = (thrown ?? {}) as NodeJS.ErrnoException;
  if (UNTRUSTED.test(code))
    return error(
      `the certificate of ${where} is not signed by an authority that is trusted (${code})`,
      `name the file of the right one as "ca" in ${key}`,
    );
  if (code === 'ERR_TLS_CERT_ALTNAME_INVALID')
    return error(
      `the certificate of ${where} is made out to another name: ${messageOf(thrown)}`,
      `connect by a name that it has, or say it as "serverName" in ${key}`,
    );
  if (code === 'CERT_HAS_EXPIRED' || code === 'CERT_NOT_YET_VALID')
    return error(`the certificate of ${where} does not hold now (${code})`, 'renew it, and see whether the clock of this machine is right');
  if (/CERTIFICATE_REQUIRED|HANDSHAKE_FAILURE|BAD_CERTIFICATE|UNKNOWN_CA/i.test(code))
    return error(
      `${where} does not take our certificate, or wants one (${code})`,
      `give "cert" and "key" in ${key}, signed by the authority that the server trusts`,
    );
  return undefined;
}
