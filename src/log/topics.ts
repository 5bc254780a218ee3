/** Topics are created or checked at the start, never silently wrong: a state that expires, or a partition too many, would be noticed when it is too late. */
import { HomeostatError } from '../errors.ts';
import { canDecompress } from './kafka/compression.ts';
import type { Log, TopicSpec, TopicState } from './log.ts';

/** Something about a topic that is not as it must be. */
export interface TopicFault {
  readonly topic: string;
  /** Kafka's name of the setting, `partitions`, or `topic` where there is none. */
  readonly setting: string;
  readonly found: string;
  readonly wanted: string;
  /** A command that puts it right, or what else to do. */
  readonly remedy: string;
}

export interface EnsureOptions {
  /** The topic in which the number of partitions is recorded; one of the specs. */
  readonly layout: string;
  /** How many partitions the co-partitioned topics have: `services.partitions`. */
  readonly partitions: number;
  /** For the commands that remedies show. */
  readonly brokers: readonly string[];
}

/** Each is a connection of its own, so this takes seconds. */
const LOOKS = 20;
const LAYOUT_KEY = 'partitions';
/** What our batches need (`message.max.bytes`); the default of brokers is a little more. */
const MESSAGE_BYTES = 1_000_000;

/**
 * Creates what is missing and checks what is there, and records the number of partitions the first time. Resolves to the names of the topics that it created.
 *
 * @throws HomeostatError H315 if the number of partitions is not the one that is recorded; H314 for what else is wrong, all at once;
 * H310 or H311 if the cluster is away or refuses us
 */
export async function ensureTopics(log: Log, specs: readonly TopicSpec[], options: EnsureOptions): Promise<readonly string[]> {
  const recorded = await recordedPartitions(log, options.layout);
  if (recorded !== undefined && recorded !== options.partitions) throw partitionsChanged(recorded, options);
  const before = new Set((await log.topics(specs.map(({ name }) => name))).map(({ name }) => name));
  const missing = specs.filter(({ name }) => !before.has(name));
  // What is there is checked first: beside a topic that is wrong nothing new should be begun.
  refuse(faultsOf(specs, await log.topics([...before]), options.brokers).filter(({ setting }) => setting !== 'topic'));
  if (missing.length > 0) await create(log, missing, options.brokers);
  refuse(await faultsAfter(log, specs, options.brokers));
  if (recorded === undefined) await recordPartitions(log, options);
  return missing.map(({ name }) => name);
}

/** What was just created is not known to every broker at once, and each look may meet another. */
async function faultsAfter(log: Log, specs: readonly TopicSpec[], brokers: readonly string[]): Promise<TopicFault[]> {
  const names = specs.map(({ name }) => name);
  for (let look = 1; ; look++) {
    const faults = faultsOf(specs, await log.topics(names), brokers);
    if (look === LOOKS || faults.every(({ setting }) => setting !== 'topic')) return faults;
  }
}

/** What is wrong with topics as they are, in the order of the specs. */
export function faultsOf(specs: readonly TopicSpec[], states: readonly TopicState[], brokers: readonly string[]): TopicFault[] {
  const found = new Map(states.map((state) => [state.name, state]));
  return specs.flatMap((spec) => {
    const state = found.get(spec.name);
    if (state === undefined)
      return [{ topic: spec.name, setting: 'topic', found: 'none', wanted: 'one', remedy: createCommand(spec, brokers) }];
    return [...partitionFaults(spec, state, brokers), ...settingFaults(spec, state, brokers)];
  });
}

function partitionFaults(spec: TopicSpec, state: TopicState, brokers: readonly string[]): TopicFault[] {
  if (state.partitions === spec.partitions) return [];
  const remedy =
    state.partitions < spec.partitions
      ? `if nothing was written to it yet, run: kafka-topics.sh ${server(brokers)} --alter --topic ${spec.name} --partitions ${spec.partitions}`
      : `set "services.partitions" to ${state.partitions}, or begin anew under another "services.name"`;
  return [{ topic: spec.name, setting: 'partitions', found: String(state.partitions), wanted: String(spec.partitions), remedy }];
}

function settingFaults({ name, config: wanted }: TopicSpec, { config }: TopicState, brokers: readonly string[]): TopicFault[] {
  const faults: TopicFault[] = [];
  const fault = (setting: string, found: string, wants: string, value: string) =>
    faults.push({
      topic: name,
      setting,
      found,
      wanted: wants,
      remedy: `run: kafka-configs.sh ${server(brokers)} --alter --entity-type topics --entity-name ${name} --add-config ${setting}=${value}`,
    });
  const policy = wanted['cleanup.policy'];
  const policyFound = config['cleanup.policy'];
  if (policy !== undefined && policyFound !== undefined && policyFound !== policy) fault('cleanup.policy', policyFound, policy, policy);
  const retention = wanted['retention.ms'];
  const kept = config['retention.ms'];
  // Longer is the operator's to decide; -1 is for ever.
  if (retention !== undefined && kept !== undefined && Number(kept) >= 0 && (Number(retention) < 0 || Number(kept) < Number(retention)))
    fault('retention.ms', kept, `${retention} or more`, retention);
  const bytes = config['max.message.bytes'];
  if (bytes !== undefined && Number(bytes) < MESSAGE_BYTES) fault('max.message.bytes', bytes, `${MESSAGE_BYTES} or more`, '1048588');
  const compression = config['compression.type'];
  if (compression === 'zstd' && !canDecompress('zstd')) fault('compression.type', compression, 'producer', 'producer');
  return faults;
}

const server = (brokers: readonly string[]): string => `--bootstrap-server ${brokers.join(',')}`;

const createCommand = ({ name, partitions, config }: TopicSpec, brokers: readonly string[]): string =>
  `run: kafka-topics.sh ${server(brokers)} --create --topic ${name} --partitions ${partitions}${Object.entries(config)
    .map(([key, value]) => ` --config ${key}=${value}`)
    .join('')}`;

function refuse(faults: readonly TopicFault[]): void {
  if (faults.length === 0) return;
  throw new HomeostatError('H314', faults.map(sentenceOf).join('\n'));
}

/** A fault for people, with its remedy. */
export const sentenceOf = ({ topic, setting, found, wanted, remedy }: TopicFault): string =>
  setting === 'topic'
    ? `there is no topic ${topic}; ${remedy}`
    : `topic ${topic}: ${setting} is ${found}, and must be ${wanted}; ${remedy}`;

async function create(log: Log, missing: readonly TopicSpec[], brokers: readonly string[]): Promise<void> {
  try {
    await log.create(missing);
  } catch (thrown) {
    if (!(thrown instanceof HomeostatError) || thrown.code !== 'H311') throw thrown;
    const commands = missing.map((spec) => createCommand(spec, brokers)).join('\n');
    throw new HomeostatError('H311', `we may not create topics; grant that, or let an administrator\n${commands}`, { cause: thrown });
  }
}

/** The number that was recorded, if the cluster was ever used. */
export async function recordedPartitions(log: Log, layout: string): Promise<number | undefined> {
  return (await log.topics([layout])).length === 0 ? undefined : readPartitions(log, layout);
}

async function readPartitions(log: Log, layout: string): Promise<number | undefined> {
  let recorded: number | undefined;
  await log.read(layout, 0, 0, (records) => {
    for (const { key, value } of records) if (key === LAYOUT_KEY && value !== null) recorded = numberIn(value, layout);
  });
  return recorded;
}

function numberIn(value: string, layout: string): number {
  try {
    const { partitions } = JSON.parse(value) as { partitions?: unknown };
    if (typeof partitions === 'number' && Number.isInteger(partitions) && partitions > 0) return partitions;
  } catch {
    // Said below.
  }
  throw new HomeostatError(
    'H314',
    `topic ${layout} says ${value.slice(0, 200)}, where the number of partitions was recorded; it was written by another version or program: begin anew under another "services.name"`,
  );
}

async function recordPartitions(log: Log, options: EnsureOptions): Promise<void> {
  const { layout, partitions } = options;
  const writer = await log.writer();
  try {
    await writer.write([{ topic: layout, partition: 0, key: LAYOUT_KEY, value: JSON.stringify({ v: 1, partitions }) }]);
  } finally {
    await writer.close();
  }
  // Another may have begun at the same time with another number.
  const recorded = await readPartitions(log, layout);
  if (recorded !== partitions) throw partitionsChanged(recorded, options);
}

const partitionsChanged = (recorded: number | undefined, { partitions, layout }: EnsureOptions): HomeostatError =>
  new HomeostatError(
    'H315',
    `"services.partitions" is ${partitions}, but ${layout} records ${recorded}: domains lie in the partitions that they were given, so the number cannot change; ` +
      `set it to ${recorded} again, or begin anew under another "services.name"`,
  );
