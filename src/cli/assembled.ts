/** What `homeostat run` runs, embedded or over Kafka: the same to those who reload it, ask it and stop it. */
import type { Logger } from 'pino';
import { embeddedFigures, type Figures } from '../api/figures.ts';
import type { Served } from '../api/served.ts';
import type { ApiContext } from '../api/server.ts';
import type { Steps } from '../api/steps.ts';
import { type Assembly, assemble } from '../assemble.ts';
import type { Clock } from '../clock.ts';
import type { Configuration } from '../config.ts';
import { assembleServices } from '../services/assemble.ts';
import { setupOf } from '../services/partition.ts';
import { ServedPartitions } from '../services/served.ts';

export interface AssembledSurroundings {
  readonly log: Logger;
  readonly random: () => number;
  readonly environment: Readonly<Record<string, string>>;
  readonly steps: Steps;
}

export interface Assembled {
  readonly clock: Clock;
  /** Where it says where it answers. */
  readonly folder: string;
  readonly served: Served;
  /** What the API needs beside that, where there are several managers. */
  readonly several?: Pick<ApiContext, 'choose' | 'sink' | 'isElsewhere'>;
  readonly figures: () => Figures;
  /** Whether all managers here have a configuration in force. */
  readonly isInForce: (configuration: Configuration) => boolean;
  readonly configure: (configuration: Configuration) => void;
  readonly start: () => Promise<void>;
  readonly stop: (graceMs: number) => Promise<void>;
}

export async function assembled(configuration: Configuration, surroundings: AssembledSurroundings): Promise<Assembled> {
  if (configuration.manager.services !== undefined) return overKafka(configuration, surroundings);
  const { steps, ...rest } = surroundings;
  return embedded(await assemble(configuration, { ...rest, onStep: steps.tell }), configuration, steps);
}

export function embedded(assembly: Assembly, { folder }: Configuration, steps: Steps): Assembled {
  const { manager, clock } = assembly;
  return {
    clock,
    folder,
    served: assembly,
    figures: embeddedFigures(assembly, steps),
    isInForce: ({ setup }) => manager.state.setup.get('setup')?.document === JSON.stringify(setup),
    configure: ({ setup }) => manager.configure(JSON.stringify(setup)),
    start: () => assembly.start(),
    stop: (graceMs) => assembly.stop(graceMs),
  };
}

async function overKafka(configuration: Configuration, { steps, ...surroundings }: AssembledSurroundings): Promise<Assembled> {
  let served: ServedPartitions | undefined;
  const services = await assembleServices(configuration, {
    ...surroundings,
    onStep: (partition, result) => {
      served?.count(partition, result);
      steps.tell(result);
    },
  });
  served = new ServedPartitions(services);
  const { managers, partitions, clock, folder } = services;
  const serving = served;
  return {
    clock,
    folder,
    served: serving.vacant,
    several: { choose: serving.choose, sink: serving.sink, isElsewhere: serving.isElsewhere },
    figures: () => serving.figures(),
    isInForce: ({ setup }) =>
      [...managers.open].every(
        ([partition, { manager }]) => manager.state.setup.get('setup')?.document === JSON.stringify(setupOf(setup, partition, partitions)),
      ),
    configure: (next) => services.configure(next),
    start: () => services.start(),
    stop: (graceMs) => services.stop(graceMs),
  };
}
