/** Checks of each MQTT broker: the way there, the login, and a message that is published and comes back. */
import { type Clock, deadline } from '../clock.ts';
import type { ManagerDocument } from '../documents/manager.ts';
import { DEFAULT_CONNECTION, type MqttConnectionDocument } from '../documents/mqtt.ts';
import { messageOf } from '../errors.ts';
import { Dialed, type Ending } from '../mqtt/client.ts';
import { verdictOf } from '../mqtt/reasons.ts';
import { credentialsOf, settingsOf } from '../mqtt/settings.ts';
import { away, type Check, error, type Patient, type Trouble, type Verdict } from './check.ts';
import { isTlsAlert, placeText, speaksTls, talk, tlsTrouble, unreachable } from './sockets.ts';

interface Named {
  readonly name: string;
  /** Where it is in the manager file. */
  readonly key: string;
  readonly document: MqttConnectionDocument;
}

function connectionsIn({ mqtt }: ManagerDocument): readonly Named[] {
  if (mqtt === undefined) return [];
  const { connections = {}, bridge: _bridge, ...first } = mqtt;
  return [
    { name: DEFAULT_CONNECTION, key: 'mqtt', document: first },
    ...Object.entries(connections).map(([name, document]) => ({ name, key: `mqtt.connections.${name}`, document })),
  ];
}

/** Every connection that the manager file names; what is wrong with any. */
const mqttCheck = (name: string, needs: readonly string[], look: (named: Named, patient: Patient) => Promise<Verdict>): Check => ({
  name,
  needs,
  concerns: ({ configuration }) => configuration.manager.mqtt !== undefined,
  withinMs: 40_000,
  run: async (patient) => {
    const verdicts = await Promise.all(connectionsIn(patient.configuration.manager).map((named) => look(named, patient)));
    const troubles = verdicts.flatMap((verdict) => (typeof verdict === 'string' ? [] : verdict));
    return troubles.length > 0 ? troubles : verdicts.join('; ');
  },
});

/** CONNECT of MQTT 3.1.1 without a user: a broker answers it, even if by a refusal. */
const CONNECT = Buffer.from('101c00044d5154540402000a0010686f6d656f737461742d646f63746f72', 'hex');
const CONNACK = 0x20;
const isBroker = (answer: Buffer): boolean => answer[0] === CONNACK;

const secretsOf = ({ environment, configuration }: Patient) => ({ environment, directory: configuration.directory });

const REACH = mqttCheck('mqtt', ['secrets'], async ({ key, document }, patient) => {
  const { host, port, tls } = settingsOf(document);
  const place = { host, port };
  const where = placeText(place);
  let options: ReturnType<typeof credentialsOf>['tls'];
  try {
    options = credentialsOf(document, secretsOf(patient), key).tls;
  } catch (thrown) {
    return error(messageOf(thrown), `correct the files under ${key}.tls`);
  }
  const { serverName, ...files } = { serverName: undefined, ...options };
  const told = await talk(
    place,
    CONNECT,
    isBroker,
    tls ? { ...files, ...(serverName === undefined ? {} : { servername: serverName }) } : undefined,
  );
  if (isBroker(told.answer)) return `${where} is a broker${tls ? ', by TLS' : ''}`;
  const nobody = unreachable(place, told, 'the MQTT broker', `${key}.url`);
  if (!tls) {
    if (nobody !== undefined) return nobody;
    if (isTlsAlert(told.answer) || (await speaksTls(place)))
      return error(
        `${where} speaks TLS, and ${key}.url says mqtt://`,
        `write mqtts:// in ${key}.url, with the "ca" that signed its certificate in ${key}.tls`,
      );
  } else {
    if (isBroker((await talk(place, CONNECT, isBroker)).answer))
      return error(
        `${where} does not speak TLS, and ${key}.url says mqtts://`,
        `write mqtt:// in ${key}.url, or name the port of its TLS listener (8883 is usual)`,
      );
    const wrong = tlsTrouble(place, told.failure, `${key}.tls`);
    if (wrong !== undefined) return wrong;
    if (nobody !== undefined) return nobody;
  }
  // Some brokers hang up on who comes without a user: the login tells.
  if (told.connected && told.closed) return `${where} takes connections${tls ? ', by TLS' : ''}`;
  return away(`${where} is reached, but answers nothing that a broker would`, `correct ${key}.url; 1883 is the usual port`);
});

type Version = 4 | 5;
const nameOf = (version: Version): string => (version === 5 ? 'MQTT 5' : 'MQTT 3.1.1');

/** Connects as `clientId` and lets `then` use it; resolves to how it ended where it did not come that far. */
async function connected<T>(
  { document, key }: Named,
  patient: Patient,
  version: Version,
  then: (dialed: Dialed, came: (topic: string) => Promise<string>) => Promise<T>,
): Promise<T | Ending> {
  const { host, port, maxBytes } = settingsOf(document);
  const waiting = new Map<string, (payload: string) => void>();
  const clientId = clientIdOf(patient);
  let dialed: Dialed | undefined;
  try {
    return await new Promise<T | Ending>((resolve, reject) => {
      dialed = new Dialed(
        {
          host,
          port,
          maxBytes,
          version,
          clientId,
          keepAliveMs: 15_000,
          sessionMs: 0,
          receiveMaximum: 10,
          will: undefined,
          ...credentialsOf(document, secretsOf(patient), key),
        },
        {
          welcomed: () => {
            const came = (topic: string): Promise<string> => new Promise((arrived) => waiting.set(topic, arrived));
            then(dialed!, came).then(resolve, reject);
          },
          ended: resolve,
          message: ({ topic, payload, qos, id }) => {
            if (qos === 1) dialed!.acknowledge([id]);
            waiting.get(topic)?.(payload.toString('utf8'));
          },
        },
      );
    });
  } finally {
    dialed?.end(true);
  }
}

const clientIdOf = ({ clock }: Patient): string => `homeostat-doctor-${clock.wall().toString(36)}`;
const isEnding = (result: unknown): result is Ending => typeof result === 'object' && result !== null && 'welcomed' in result;

/** The version that the broker speaks of those that may be, or why it lets us in with none. */
async function loginWith(named: Named, patient: Patient): Promise<Version | readonly Trouble[]> {
  const { document, key } = named;
  const versions: readonly Version[] = document.version === undefined ? [5, 4] : [document.version === '5' ? 5 : 4];
  for (const version of versions) {
    const result = await connected(named, patient, version, async () => version);
    if (!isEnding(result)) return result;
    const verdict = verdictOf(result, { url: document.url, clientId: clientIdOf(patient), version });
    if (verdict.version && version !== versions.at(-1)) continue;
    const remedy = verdict.version
      ? `set ${key}.version to one that it speaks, or take it out`
      : `correct "username" and the secret of "password" under ${key}, or the users of the broker`;
    const who = document.username === undefined ? 'without a user' : `as ${document.username}`;
    return (verdict.stubborn || verdict.version ? error : away)(
      `${placeText(settingsOf(document))} does not let us in ${who}: ${verdict.text}`,
      remedy,
    );
  }
  return [];
}

const LOGIN = mqttCheck('mqtt.login', ['mqtt'], async (named, patient) => {
  const version = await loginWith(named, patient);
  if (typeof version !== 'number') return version;
  const { username } = named.document;
  return `let in ${username === undefined ? 'without a user' : `as ${username}`}, by ${nameOf(version)}`;
});

/** How long a message may take to come back, ms. */
const BACK_MS = 5_000;

const MESSAGES = mqttCheck('mqtt.messages', ['mqtt.login'], async (named, patient) => {
  const version = await loginWith(named, patient);
  if (typeof version !== 'number') return version;
  const topic = `homeostat/${clientIdOf(patient)}/doctor`;
  const where = placeText(settingsOf(named.document));
  const grant = (what: string): string =>
    `let this user ${what} homeostat/# (and the topics of the probes and actuators) in the broker's list of rights`;
  const result = await connected(named, patient, version, async (dialed, came): Promise<Verdict> => {
    const [granted] = await dialed.subscribe([topic], 1, undefined);
    if (granted !== true) return error(`${where} does not let us subscribe to ${topic}`, grant('read'));
    const back = came(topic);
    try {
      await dialed.publish({ topic, payload: 'homeostat doctor was here', qos: 1, retain: false });
    } catch (thrown) {
      return error(`${where} does not let us publish to ${topic}: ${messageOf(thrown)}`, grant('write'));
    }
    if (await inTime(back, patient.clock)) return `a message came back from ${where}`;
    return error(`${where} took a message to ${topic}, and did not send it to us who subscribed to it`, grant('read and write'));
  });
  return isEnding(result) ? away(`the connection to ${where} ended: ${result.reason}`, 'see the log of the broker') : result;
});

function inTime(promise: Promise<unknown>, clock: Clock): Promise<boolean> {
  const { signal, done } = deadline(clock, BACK_MS, new Error('late'));
  return new Promise((resolve) => {
    signal.addEventListener('abort', () => resolve(false), { once: true });
    void promise.then(() => {
      done();
      resolve(true);
    });
  });
}

export const MQTT: readonly Check[] = [REACH, LOGIN, MESSAGES];
