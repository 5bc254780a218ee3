/** The target of `kafka`: a log in memory. */
import { HomeostatError } from '../../../../src/errors.ts';
import { kafkaActuator } from '../../../../src/execute/actuators/kafka.ts';
import { MemoryBroker } from '../../../log/memory.ts';
import { order } from '../rig.ts';
import type { Subject } from './subject.ts';

export const kafka: Subject = {
  kind: 'kafka',
  onceById: true,
  inquires: true,
  open: async (rig) => {
    rig.put('shop/lamp', 'lamp');
    const broker = new MemoryBroker({ clock: rig.context.clock });
    const log = broker.open();
    await log.create([{ name: 'orders', partitions: 2, config: {} }]);
    const made: { close(): Promise<void> }[] = [];
    let away = false;
    let hung: (() => void) | undefined;
    const open = async () => {
      if (away) throw new HomeostatError('H310', 'Kafka cannot be reached');
      const client = broker.open();
      const writer = async () => {
        const begun = await client.writer();
        return {
          write: (records: Parameters<typeof begun.write>[0]) => (hung ? new Promise<void>(() => hung!()) : begun.write(records)),
          close: () => begun.close(),
        };
      };
      return { writer, topics: client.topics.bind(client), close: () => client.close() } as unknown as typeof client;
    };
    return {
      make: () => {
        const actuator = kafkaActuator({ brokers: ['127.0.0.1:1'], topic: 'orders' }, rig.context, open);
        made.push(actuator);
        return actuator;
      },
      order: () => order('on', 'shop/lamp'),
      effects: async () => {
        let count = 0;
        for (const partition of [0, 1])
          await log.read('orders', partition, 0, (records) => {
            count += records.length;
          });
        return count;
      },
      hang: () =>
        new Promise((resolve) => {
          hung = resolve;
        }),
      leave: () => {
        away = true;
      },
      end: async () => {
        for (const actuator of made) await actuator.close();
        await log.close();
      },
    };
  },
};
