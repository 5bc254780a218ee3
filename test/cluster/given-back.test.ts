/** A partition that is given back while it is being opened, and comes again: it has one manager, whatever the first attempt leaves behind. */
import pino from 'pino';
import { Confirmer } from '../../src/confirm.ts';
import type { Log, Member, Membership } from '../../src/log/log.ts';
import { Managers } from '../../src/services/managers.ts';
import { directLink } from '../log/memory.ts';
import { Cluster, NAMES, PARTITIONS, SESSION_MS } from './rig.ts';

const membership: Membership = {
  alive: true,
  certain: true,
  seek() {},
  pause() {},
  resume() {},
  note: async () => {},
  noted: async () => ({}),
  leave: async () => {},
};

test('an attempt that failed after it was given back leaves alone who has the partition now', async () => {
  const cluster = new Cluster({ types: { lamp: {} }, elements: {}, policies: [] });
  try {
    await cluster.begin();
    const real = cluster.broker.open('managers', directLink(cluster.clock));
    let member!: Member;
    let refuse: ((reason: Error) => void) | undefined;
    const log: Log = {
      writer: () => real.writer(),
      read: (...asked) => real.read(...asked),
      topics: (names) => real.topics(names),
      create: (topics) => real.create(topics),
      close: () => real.close(),
      join: async (_options, joined) => {
        member = joined;
        return membership;
      },
      transactor: (id) => (refuse === undefined ? new Promise((_, reject) => (refuse = reject)) : real.transactor(id)),
    };
    const managers = new Managers({
      log,
      names: NAMES,
      cluster: 'test',
      partitions: PARTITIONS,
      sessionMs: SESSION_MS,
      clock: cluster.clock,
      logger: pino({ level: 'silent' }),
      setup: cluster.setup,
      paceMs: 2,
      confirmer: new Confirmer(),
      clockFrom: (notBefore) => ({
        now: () => Math.max(notBefore, cluster.clock.now()),
        wall: () => cluster.clock.now(),
        after: (ms, then) => cluster.clock.after(ms, then),
      }),
      agentProperties: new Set(),
      random: () => 0.5,
      localOf: () => undefined,
    });
    await managers.start();

    member.assigned([0]);
    await cluster.pass(10);
    member.lost('we were not heard of');
    refuse!(new Error('the broker is away'));
    await cluster.pass(10);
    expect(managers.status()).toEqual([]);

    member.assigned([0]);
    await cluster.pass(100);
    const manager = managers.open.get(0);
    expect(manager).toBeDefined();
    // The first attempt would have been made again by now.
    await cluster.pass(2_000);
    expect(managers.open.get(0)).toBe(manager);
    member.assigned([0]);
    await cluster.pass(2_000);
    expect(managers.open.get(0)).toBe(manager);
    await cluster.during(managers.stop());
  } finally {
    cluster.end();
  }
});
