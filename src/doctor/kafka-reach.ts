/** Whether brokers can be reached the way the manager file says: by TLS or not, with the right authority, with a login or without. */
import { readFileSync } from 'node:fs';
import { resolve } from 'node:path';
import type { ConnectionOptions } from 'node:tls';
import type { KafkaDocument } from '../documents/services.ts';
import { messageOf } from '../errors.ts';
import { readSecret, type SecretSource } from '../secrets.ts';
import { away, error, type Trouble, type Verdict } from './check.ts';
import { askMetadata, askVersions, isWhole, lacking, releaseOf, versionsIn } from './kafka-versions.ts';
import { isTlsAlert, type Place, placeText, speaksTls, talk, tlsTrouble, unreachable } from './sockets.ts';

const BROKERS = 'services.kafka.brokers';
const TLS = 'services.kafka.tls';

export const placesOf = ({ brokers }: KafkaDocument): readonly Place[] =>
  brokers.map((broker) => {
    const colon = broker.lastIndexOf(':');
    return { host: broker.slice(0, colon), port: Number(broker.slice(colon + 1)) };
  });

/** @throws if a file or secret cannot be read */
function tlsOptions({ ca, cert, key, serverName }: NonNullable<KafkaDocument['tls']>, secrets: SecretSource): ConnectionOptions {
  const read = (path: string): string => readFileSync(resolve(secrets.directory, path), 'utf8');
  return {
    ...(ca === undefined ? {} : { ca: read(ca) }),
    ...(cert === undefined ? {} : { cert: read(cert) }),
    ...(key === undefined ? {} : { key: readSecret(key, secrets, `${TLS}.key`) }),
    ...(serverName === undefined ? {} : { servername: serverName }),
  };
}

/** All brokers that are named, since one that is wrong is found only when the others are away. */
export async function reach(kafka: KafkaDocument, secrets: SecretSource): Promise<Verdict> {
  let options: ConnectionOptions | undefined;
  try {
    options = kafka.tls === undefined ? undefined : tlsOptions(kafka.tls, secrets);
  } catch (thrown) {
    return error(`${TLS}: ${messageOf(thrown)}`, `correct the files under ${TLS}`);
  }
  const found = await Promise.all(placesOf(kafka).map((place) => lookAt(place, kafka, options)));
  const troubles = found.flatMap((one) => (typeof one === 'string' ? [] : one));
  return troubles.length > 0 ? troubles : found.join('; ');
}

async function lookAt(place: Place, kafka: KafkaDocument, tls: ConnectionOptions | undefined): Promise<string | readonly Trouble[]> {
  const where = placeText(place);
  const told = await talk(place, askVersions(), isWhole, tls);
  const newest = versionsIn(told.answer);
  if (newest === undefined) return noAnswer(place, told, tls);
  const old = lacking(newest);
  const release = releaseOf(newest);
  if (old.length > 0)
    return error(
      `the broker at ${where} is too old (${release}): it does not know ${old.join(', ')}`,
      'upgrade it to 2.5 or newer; Homeostat is tested with 3.9 and 4.1',
    );
  if (kafka.sasl === undefined) {
    const asked = await talk(place, askMetadata(), isWhole, tls);
    if (asked.connected && asked.answer.length === 0 && asked.closed)
      return error(
        `the listener at ${where} wants a login, and the manager file gives none`,
        'say mechanism, username and password under services.kafka.sasl',
      );
  }
  return `${where} is Kafka ${release}${tls === undefined ? '' : ', by TLS'}`;
}

async function noAnswer(
  place: Place,
  told: Awaited<ReturnType<typeof talk>>,
  tls: ConnectionOptions | undefined,
): Promise<readonly Trouble[]> {
  const where = placeText(place);
  const nobody = unreachable(place, told, 'the broker', BROKERS);
  if (tls === undefined) {
    if (nobody !== undefined) return nobody;
    if (isTlsAlert(told.answer) || (await speaksTls(place)))
      return error(
        `the listener at ${where} speaks TLS, and the manager file says nothing of it`,
        `add ${TLS}, with the "ca" that signed its certificate; or name the port of a listener without TLS`,
      );
  } else {
    const plain = versionsIn((await talk(place, askVersions(), isWhole)).answer);
    if (plain !== undefined)
      return error(`the listener at ${where} does not speak TLS`, `take ${TLS} out, or name the port of its TLS listener`);
    const wrong = tlsTrouble(place, told.failure, TLS);
    if (wrong !== undefined) return wrong;
    if (nobody !== undefined) return nobody;
  }
  const why = told.failure === undefined ? 'it answers nothing that a broker would' : messageOf(told.failure);
  return away(`${where} is reached, but is no Kafka broker: ${why}`, `correct ${BROKERS}; 9092 is the usual port`);
}
