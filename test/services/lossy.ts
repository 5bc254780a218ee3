/** A broker under a clock that is moved by hand, and a line to it that loses just what it is told to. */
import type { Logger } from 'pino';
import { SimulatedClock } from '../../src/clock.ts';
import { topicNames, topicSpecs } from '../../src/services/topics.ts';
import { directLink, type Link, MemoryBroker, type RequestKind } from '../log/memory.ts';

export const names = topicNames('test');

const silent = { error() {}, warn() {}, info() {} } as unknown as Logger;

export function lossySetting() {
  const clock = new SimulatedClock(1_000_000);
  const broker = new MemoryBroker({ clock, retries: 0 });
  for (const spec of topicSpecs('test', 1)) broker.create(spec);
  const lost: { kind: RequestKind; where: 'there' | 'back' }[] = [];
  const loses = (kind: RequestKind, where: 'there' | 'back'): boolean => {
    const at = lost.findIndex((one) => one.kind === kind && one.where === where);
    return at >= 0 && lost.splice(at, 1).length > 0;
  };
  const link: Link = {
    ...directLink(clock),
    there: (kind) => (loses(kind, 'there') ? null : 1),
    back: (kind) => (loses(kind, 'back') ? null : 1),
  };
  const log = (name: string, by: Link = directLink(clock)) => broker.open(name, by);
  /** For one whose machine stood still as a whole, its clock too: it has no way to know that it is out. */
  const ports = { clock, logger: silent, alive: () => true };
  const until = async (holds: () => boolean): Promise<void> => {
    for (let i = 0; !holds() && i < 10_000; i++) {
      const next = clock.nextAlarm();
      if (next !== undefined) clock.advanceTo(next);
      await new Promise((resolve) => setImmediate(resolve));
    }
  };
  /** Runs until a promise has settled. */
  const settled = async <T>(promise: Promise<T>): Promise<T> => {
    let done = false;
    promise.then(
      () => {
        done = true;
      },
      () => {
        done = true;
      },
    );
    await until(() => done);
    return promise;
  };
  const visible = (topic: string) =>
    broker
      .partition(topic, 0)
      .visible()
      .map(({ value }) => value!);
  return { log, ports, link, lost, settled, until, visible };
}
