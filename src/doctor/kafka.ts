/** Checks of a Kafka cluster: the way there, the login, the topics, what we may do, its limits and its clock. */
import type { ManagerDocument } from '../documents/manager.ts';
import type { ServicesDocument } from '../documents/services.ts';
import { durationMs, formatMs } from '../duration.ts';
import { HomeostatError, messageOf } from '../errors.ts';
import { examineKafka, type KafkaExaminer, openKafka } from '../log/kafka.ts';
import type { Log } from '../log/log.ts';
import { faultsOf, recordedPartitions } from '../log/topics.ts';
import { placesOf } from '../places.ts';
import { withRetention } from '../services/retention.ts';
import { topicNames, topicSpecs } from '../services/topics.ts';
import { away, type Check, error, type Patient, type Trouble, type Verdict, warning } from './check.ts';
import { clockVerdict } from './clocks.ts';
import { reach } from './kafka-reach.ts';

const servicesOf = (manager: ManagerDocument): ServicesDocument | undefined => manager.services;

const DEFAULT_NAME = 'homeostat';
const DEFAULT_PARTITIONS = 8;
const DEFAULT_SESSION = '10s';
/** What kafkajs and our log say on the way is not for who asked doctor. */
const SILENT = { debug: () => {}, info: () => {}, warn: () => {}, error: () => {} };

interface Cluster extends Patient {
  readonly services: ServicesDocument;
  readonly name: string;
  readonly partitions: number;
}

function clusterOf(patient: Patient): Cluster {
  const services = servicesOf(patient.configuration.manager)!;
  return { ...patient, services, name: services.name ?? DEFAULT_NAME, partitions: services.partitions ?? DEFAULT_PARTITIONS };
}

const specsOf = ({ name, partitions, services }: Cluster) => withRetention(topicSpecs(name, partitions), name, services.retention);

const optionsOf = ({ services, environment, configuration, clock }: Cluster) => ({
  kafka: services.kafka,
  secrets: { environment, directory: configuration.directory },
  clock,
  log: SILENT,
  clientId: 'homeostat-doctor',
});

async function withLog<T>(cluster: Cluster, look: (log: Log) => Promise<T>): Promise<T> {
  const log = await openKafka(optionsOf(cluster));
  try {
    return await look(log);
  } finally {
    await log.close();
  }
}

const kafkaCheck = (name: string, needs: readonly string[], run: (cluster: Cluster) => Promise<Verdict>): Check => ({
  name,
  needs,
  concerns: ({ configuration }) => servicesOf(configuration.manager) !== undefined,
  withinMs: 30_000,
  run: (patient) => run(clusterOf(patient)),
});

const REACH = kafkaCheck('kafka', ['secrets'], ({ services, environment, configuration }) =>
  reach(services.kafka, { environment, directory: configuration.directory }),
);

const LOGIN = kafkaCheck('kafka.login', ['kafka'], async (cluster) => {
  const { sasl } = cluster.services.kafka;
  try {
    await withLog(cluster, async () => {});
  } catch (thrown) {
    if (!(thrown instanceof HomeostatError)) throw thrown;
    const why = messageOf(thrown.cause ?? thrown);
    return thrown.code === 'H311' || /SASL/.test(why) ? refused(why, sasl) : away(thrown.message, 'see the log of the brokers');
  }
  return sasl === undefined ? 'no login is wanted' : `let in by ${sasl.mechanism}${'username' in sasl ? ` as ${sasl.username}` : ''}`;
});

function refused(why: string, sasl: ServicesDocument['kafka']['sasl']): Verdict {
  if (sasl === undefined) return error(`the brokers do not let us in: ${why}`, 'say who we are under services.kafka.sasl');
  if (/mechanism/i.test(why) && !/credential/i.test(why))
    return error(
      `the brokers do not take the mechanism ${sasl.mechanism}: ${why}`,
      'name one of their sasl.enabled.mechanisms under services.kafka.sasl.mechanism',
    );
  if ('username' in sasl)
    return error(
      `the brokers refuse user "${sasl.username}" with this password: ${why}`,
      'correct the secret that services.kafka.sasl.password names, or set it at the brokers: kafka-configs.sh --alter --entity-type users',
    );
  return error(`the brokers refuse our token: ${why}`, 'see the token, its audience and its end under services.kafka.sasl');
}

const TOPICS = kafkaCheck('kafka.topics', ['kafka.login'], (cluster) =>
  withLog(cluster, async (log) => {
    const { name, partitions, services } = cluster;
    const specs = specsOf(cluster);
    const states = await log.topics(specs.map((spec) => spec.name));
    const { layout } = topicNames(name);
    // Who may not read it is told by kafka.rights.
    const recorded = await recordedPartitions(log, layout).catch((thrown: unknown) => {
      if (thrown instanceof HomeostatError && thrown.code === 'H311') return undefined;
      throw thrown;
    });
    if (recorded !== undefined && recorded !== partitions)
      return error(
        `services.partitions is ${partitions}, and this cluster was begun with ${recorded} (topic ${layout}): domains lie in the partitions that they were given`,
        `set services.partitions to ${recorded}, or begin anew under another services.name`,
      );
    if (states.length === 0) return `none of ${name}.* is there yet: the first start makes them, if it may (kafka.rights)`;
    const faults = faultsOf(specs, states, services.kafka.brokers);
    if (faults.length === 0) return `${states.length} as they should be, with ${partitions} partitions`;
    return faults.map(({ topic, setting, found, wanted, remedy }): Trouble => {
      const cause =
        setting === 'topic'
          ? `there is no topic ${topic}, though others of ${name} are there`
          : `topic ${topic}: ${setting} is ${found}, and must be ${wanted}`;
      return { severity: 'error', cause, remedy };
    });
  }),
);

const withExaminer = <T>(cluster: Cluster, look: (examiner: KafkaExaminer) => Promise<T>): Promise<T> =>
  look(examineKafka(optionsOf(cluster)));

const acl = (what: string, name: string, operations: string): string =>
  `grant it: kafka-acls.sh --add --allow-principal User:… ${operations} --${what} ${name} --resource-pattern-type prefixed`;

const RIGHTS = kafkaCheck('kafka.rights', ['kafka.login'], (cluster) =>
  withExaminer(cluster, async (examiner) => {
    const { name } = cluster;
    const specs = specsOf(cluster);
    const topics = await withLog(cluster, (log) => log.topics(specs.map((spec) => spec.name)));
    const { transactions, writing, reading, group } = await examiner.rights(topics, `${name}.doctor`, `${name}.managers`);
    const creating =
      topics.length < specs.length
        ? await examiner.mayCreate(specs.filter((spec) => !topics.some((one) => one.name === spec.name)))
        : undefined;
    const one = (cause: string, remedy: string): readonly Trouble[] => error(cause, remedy);
    const named = (list: readonly (readonly [string, string])[]) =>
      `${list
        .map(([topic]) => topic)
        .sort()
        .join(', ')} (${[...new Set(list.map(([, why]) => why))].join(', ')})`;
    const troubles = [
      ...(transactions === undefined
        ? []
        : one(
            `we may not begin transactions as ${name}.…: ${transactions}`,
            acl('transactional-id', `${name}.`, '--operation Write --operation Describe'),
          )),
      ...(writing.length === 0 ? [] : one(`we may not write ${named(writing)}`, acl('topic', `${name}.`, '--operation Write'))),
      ...(reading.length === 0 ? [] : one(`we may not read ${named(reading)}`, acl('topic', `${name}.`, '--operation Read'))),
      ...(group === undefined
        ? []
        : one(`we may not join the group ${name}.managers: ${group}`, acl('group', `${name}.`, '--operation Read'))),
      ...(creating === undefined
        ? []
        : one(
            `topics are missing, and we may not create them: ${creating}`,
            `let an administrator create them (see kafka.topics), or ${acl('topic', `${name}.`, '--operation Create')}`,
          )),
    ];
    return troubles.length > 0 ? troubles : 'transactions, topics and groups are ours to use';
  }),
);

const LIMITS = kafkaCheck('kafka.limits', ['kafka.login'], (cluster) =>
  withExaminer(cluster, async (examiner) => {
    const sessionMs = durationMs(cluster.services.session ?? DEFAULT_SESSION);
    let settings: Readonly<Record<string, string>>;
    try {
      settings = await examiner.settings(['group.min.session.timeout.ms', 'group.max.session.timeout.ms', 'transaction.max.timeout.ms']);
    } catch (thrown) {
      return `the brokers do not show us their settings (${messageOf(thrown)}); a session of ${formatMs(sessionMs)} is refused if it is below group.min.session.timeout.ms`;
    }
    return sessionVerdict(sessionMs, Number(settings['group.min.session.timeout.ms']), Number(settings['group.max.session.timeout.ms']));
  }),
);

export function sessionVerdict(sessionMs: number, least: number, most: number): Verdict {
  if (sessionMs < least)
    return error(
      `services.session is ${formatMs(sessionMs)}, and the brokers take no less than ${formatMs(least)} (group.min.session.timeout.ms)`,
      `set services.session to "${least}ms" or more, or lower that setting at the brokers`,
    );
  if (sessionMs > most)
    return error(
      `services.session is ${formatMs(sessionMs)}, and the brokers take no more than ${formatMs(most)} (group.max.session.timeout.ms)`,
      `set services.session to "${most}ms" or less`,
    );
  if (sessionMs < 3_000)
    return warning(
      `services.session is ${formatMs(sessionMs)}: a pause of that length, as a busy machine makes it, costs a manager its domains`,
      'set it to 6s or more',
    );
  return `a session of ${formatMs(sessionMs)} is allowed (${formatMs(least)} to ${formatMs(most)})`;
}

const CLOCK = kafkaCheck('kafka.clock', ['kafka.login'], (cluster) =>
  withExaminer(cluster, async (examiner) => {
    const topics = await withLog(cluster, (log) => log.topics([topicNames(cluster.name).layout]));
    const { brokerTime } = await examiner.rights(topics, `${cluster.name}.doctor`, `${cluster.name}.managers`);
    if (brokerTime === undefined)
      return 'cannot be compared: the topics are not there yet, or the broker is older than 3.0, or we may not begin transactions';
    return clockVerdict('the broker', brokerTime.theirs - brokerTime.askedAt, 0);
  }),
);

/** Whoever is not there now may be started later; but while managers work, what they command at a place without an agent is never carried out. */
const PLACES = kafkaCheck('kafka.places', ['kafka.login'], (cluster) =>
  withExaminer(cluster, async (examiner) => {
    const managers = `${cluster.name}.managers`;
    const agents = new Map(placesOf(cluster.configuration.manager).map((place) => [`${cluster.name}.agents.${place}`, place]));
    let members: ReadonlyMap<string, number>;
    try {
      members = await examiner.members([managers, ...agents.keys()]);
    } catch (thrown) {
      return `the brokers do not show us their groups (${messageOf(thrown)}), so who works cannot be told`;
    }
    const count = (group: string): number => members.get(group) ?? 0;
    const empty = [...agents].filter(([group]) => count(group) === 0).map(([, place]) => place);
    if (count(managers) === 0)
      return empty.length === agents.size ? 'nobody works now' : warning('agents work, and no manager does', 'start one: homeostat run');
    const working = `${counted(count(managers), 'manager')} and the agents of ${counted(agents.size, 'place')} work now`;
    return empty.length === 0
      ? working
      : empty.flatMap((place) =>
          warning(
            `managers work, and no agent does at "${place}": nothing is measured there, and no command carried out`,
            `start one there: homeostat agent --place ${place}`,
          ),
        );
  }),
);

const counted = (n: number, what: string): string => `${n} ${what}${n === 1 ? '' : 's'}`;

export const KAFKA: readonly Check[] = [REACH, LOGIN, TOPICS, RIGHTS, LIMITS, CLOCK, PLACES];
