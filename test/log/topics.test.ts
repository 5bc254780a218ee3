import { HomeostatError } from '../../src/errors.ts';
import type { Log, TopicSpec } from '../../src/log/log.ts';
import { ensureTopics, faultsOf, recordedPartitions } from '../../src/log/topics.ts';

const STATE: TopicSpec = { name: 'h.state', partitions: 4, config: { 'cleanup.policy': 'compact' } };
const JOURNAL: TopicSpec = { name: 'h.journal', partitions: 4, config: { 'cleanup.policy': 'delete', 'retention.ms': '1000' } };
const LAYOUT: TopicSpec = { name: 'h.layout', partitions: 1, config: { 'cleanup.policy': 'compact' } };
const SPECS = [STATE, JOURNAL, LAYOUT];
const OPTIONS = { layout: 'h.layout', partitions: 4, brokers: ['kafka:9092'] };

/** A log of which only topics and the layout are used. */
function logWith(
  topics: readonly TopicSpec[],
  layout: readonly string[] = [],
): Log & { readonly made: string[]; readonly written: string[] } {
  const there = new Map(topics.map((topic) => [topic.name, topic]));
  const made: string[] = [];
  const written = [...layout];
  const unused = () => Promise.reject(new Error('not used here'));
  return {
    made,
    written,
    topics: async (names) => names.flatMap((name) => there.get(name) ?? []),
    create: async (specs) => {
      for (const spec of specs) {
        there.set(spec.name, spec);
        made.push(spec.name);
      }
    },
    writer: async () => ({
      write: async (records) => void written.push(...records.map(({ value }) => value!)),
      close: async () => undefined,
    }),
    read: async (_topic, _partition, _from, take) => {
      take(written.map((value, offset) => ({ key: 'partitions', value, offset, time: 0 })));
      return written.length;
    },
    transactor: unused,
    join: unused,
    close: async () => undefined,
  };
}

async function refusal(log: Log, specs: readonly TopicSpec[] = SPECS): Promise<{ code: string; message: string }> {
  const thrown = await ensureTopics(log, specs, OPTIONS).catch((error: unknown) => error);
  if (thrown instanceof HomeostatError) return { code: thrown.code, message: thrown.message };
  throw new Error('nothing was refused');
}

test('what is missing is created, and the number of partitions is recorded once', async () => {
  const log = logWith([]);
  expect(await ensureTopics(log, SPECS, OPTIONS)).toEqual(['h.state', 'h.journal', 'h.layout']);
  expect(log.written).toEqual(['{"v":1,"partitions":4}']);
  expect(await ensureTopics(log, SPECS, OPTIONS)).toEqual([]);
  expect(log.written).toHaveLength(1);
  expect(await recordedPartitions(log, 'h.layout')).toBe(4);
});

test('a topic that was just created may be seen late, but not never', async () => {
  const log = logWith([]);
  let looks = 0;
  const late = { ...log, topics: async (names: readonly string[]) => (looks++ < 4 ? [] : log.topics(names)) };
  expect(await ensureTopics(late, SPECS, OPTIONS)).toHaveLength(3);
  const blind = { ...log, topics: async () => [] };
  expect((await refusal(blind)).message).toMatch(/^there is no topic h\.state; run: kafka-topics\.sh/);
});

test('another number of partitions than the recorded one is refused before anything is created', async () => {
  const log = logWith([LAYOUT], ['{"v":1,"partitions":8}']);
  expect(await refusal(log)).toEqual({
    code: 'H315',
    message:
      '"services.partitions" is 4, but h.layout records 8: domains lie in the partitions that they were given, so the number cannot change; set it to 8 again, or begin anew under another "services.name"',
  });
  expect(log.made).toEqual([]);
});

test('all that is wrong with topics that are there is told at once, each with the command that puts it right', async () => {
  const log = logWith([
    { ...STATE, config: { 'cleanup.policy': 'delete', 'max.message.bytes': '1000' } },
    { ...JOURNAL, partitions: 3, config: { 'cleanup.policy': 'compact,delete', 'retention.ms': '999' } },
  ]);
  const { code, message } = await refusal(log);
  expect(code).toBe('H314');
  const config = (topic: string, set: string) =>
    `run: kafka-configs.sh --bootstrap-server kafka:9092 --alter --entity-type topics --entity-name ${topic} --add-config ${set}`;
  expect(message.split('\n')).toEqual([
    `topic h.state: cleanup.policy is delete, and must be compact; ${config('h.state', 'cleanup.policy=compact')}`,
    `topic h.state: max.message.bytes is 1000, and must be 1000000 or more; ${config('h.state', 'max.message.bytes=1048588')}`,
    'topic h.journal: partitions is 3, and must be 4; if nothing was written to it yet, run: kafka-topics.sh --bootstrap-server kafka:9092 --alter --topic h.journal --partitions 4',
    `topic h.journal: cleanup.policy is compact,delete, and must be delete; ${config('h.journal', 'cleanup.policy=delete')}`,
    `topic h.journal: retention.ms is 999, and must be 1000 or more; ${config('h.journal', 'retention.ms=1000')}`,
  ]);
  expect(log.made).toEqual([]);
});

test('what is kept longer than asked, or for ever, is right', () => {
  const kept = (ms: string) => faultsOf([JOURNAL], [{ ...JOURNAL, config: { ...JOURNAL.config, 'retention.ms': ms } }], []);
  expect(kept('5000')).toEqual([]);
  expect(kept('-1')).toEqual([]);
  expect(kept('10')).toHaveLength(1);
});

test('a topic with too many partitions is not to be made smaller', () => {
  const [fault] = faultsOf([STATE], [{ ...STATE, partitions: 9 }], []);
  expect(fault!.remedy).toBe('set "services.partitions" to 9, or begin anew under another "services.name"');
});

test('a layout that says something else is no reason to guess', async () => {
  expect((await refusal(logWith([LAYOUT], ['{"v":1}']))).message).toMatch(/^topic h\.layout says \{"v":1\}, where/);
});

test('where we may not create topics, the commands are told', async () => {
  const log = logWith([STATE, LAYOUT]);
  const denied = { ...log, create: () => Promise.reject(new HomeostatError('H311', 'no')) };
  expect(await refusal(denied)).toEqual({
    code: 'H311',
    message:
      'we may not create topics; grant that, or let an administrator\nrun: kafka-topics.sh --bootstrap-server kafka:9092 --create --topic h.journal --partitions 4 --config cleanup.policy=delete --config retention.ms=1000',
  });
});
