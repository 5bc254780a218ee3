/** The real servers for tests, and the tests that need them. */
import { hasInflux, INFLUX_VERSION } from './influx.ts';
import { hasKafka, KAFKA_VERSION } from './kafka.ts';
import { hasMosquitto, MOSQUITTO_VERSION } from './mosquitto.ts';

export { type InfluxOptions, startInflux, tellInflux } from './influx.ts';
export { type KafkaOptions, type KafkaServer, startKafka } from './kafka.ts';
export { type MosquittoOptions, startMosquitto } from './mosquitto.ts';
export { freePorts, type Server } from './process.ts';

const SERVERS = {
  kafka: { name: `Kafka ${KAFKA_VERSION}`, has: () => hasKafka() },
  influx: { name: `InfluxDB ${INFLUX_VERSION}`, has: hasInflux },
  mosquitto: { name: `Mosquitto ${MOSQUITTO_VERSION}`, has: hasMosquitto },
} as const;

export type ServerName = keyof typeof SERVERS;

/** The servers of these that are not installed here, by name for people. */
export const missing = (names: readonly ServerName[]): string[] =>
  names.flatMap((name) => (SERVERS[name].has() ? [] : [SERVERS[name].name]));

/**
 * A `describe` whose tests need real servers. Where one is not installed they are skipped with one clear line; in CI they fail instead.
 *
 * @param needs one or several: `describeWith(['kafka', 'influx'], 'takeover', () => …)`
 */
export function describeWith(needs: ServerName | readonly ServerName[], title: string, tests: () => void): void {
  const names = typeof needs === 'string' ? [needs] : needs;
  const absent = missing(names);
  if (absent.length === 0) return describe(title, tests);
  const install = `test/servers/install.sh ${names.join(' ')}`;
  const reason = `${absent.join(' and ')} ${absent.length === 1 ? 'is' : 'are'} not installed: run ${install}`;
  if ((process.env.CI ?? '') !== '') {
    describe(title, () => {
      test('its servers are installed', () => {
        throw new Error(reason);
      });
    });
    return;
  }
  process.stderr.write(`skipped: ${title}; ${reason}\n`);
  describe.skip(title, tests);
}
