/** The target of `mqtt`: a device that does each id once, as docs/mqtt.md asks of it, behind a broker in memory. */
import { mqttKind } from '../../../../src/execute/actuators/mqtt.ts';
import { MemoryBroker } from '../../../mqtt/memory.ts';
import { order } from '../rig.ts';
import type { Subject } from './subject.ts';

export const mqtt: Subject = {
  kind: 'mqtt',
  onceById: true,
  inquires: true,
  open: (rig) => {
    const broker = new MemoryBroker();
    const done = new Set<string>();
    let hung: (() => void) | undefined;
    const device = (payload: string) => {
      if (hung) return hung();
      const { id, inquire, answerTo } = JSON.parse(payload) as { id?: string; inquire?: string; answerTo?: string };
      if (id !== undefined) done.add(id);
      const asked = (id ?? inquire)!;
      broker.say(answerTo ?? 'homeostat/homeostat-test/answers', JSON.stringify({ id: asked, status: done.has(asked) ? 'done' : 'never' }));
    };
    broker.connection.subscribe({
      filter: 'lamps/lamp/commands',
      qos: 1,
      acknowledged: 'taken',
      take: ({ payload }) => device(payload.toString()),
    });
    rig.put('shop/lamp', 'lamp');
    return {
      make: () =>
        mqttKind.create(
          {
            topic: 'lamps/{name}/commands',
            ack: 'device',
            answer: { statusFrom: '/status' },
            inquire: { topic: 'lamps/{name}/commands' },
          },
          { ...rig.context, mqtt: () => broker.connection },
        ),
      order: () => order('on', 'shop/lamp', { to: 1 }),
      effects: () => done.size,
      hang: () =>
        new Promise((resolve) => {
          hung = resolve;
        }),
      leave: () => {
        broker.refusing = true;
      },
    };
  },
};
