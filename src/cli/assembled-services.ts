/** What `homeostat run` and `homeostat agent` run over Kafka. */
import type { Steps } from '../api/steps.ts';
import type { Configuration } from '../config.ts';
import { assembleServices } from '../services/assemble.ts';
import { assembleAgents } from '../services/assemble-agents.ts';
import { setupOf } from '../services/partition.ts';
import { ServedPartitions } from '../services/served.ts';
import type { Assembled, AssembledSurroundings } from './assembled.ts';

type OverKafka = Omit<AssembledSurroundings, 'steps' | 'agentsOnly'>;

/** Managers, and the agents of its places. */
export async function overKafka(configuration: Configuration, surroundings: OverKafka, steps: Steps): Promise<Assembled> {
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
    places: surroundings.places,
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

/** The agents of its places alone. */
export async function onlyAgents(configuration: Configuration, surroundings: OverKafka): Promise<Assembled> {
  const agents = await assembleAgents(configuration, surroundings);
  const { clock, folder, served } = agents;
  let inForce = configuration;
  return {
    clock,
    folder,
    served,
    places: surroundings.places,
    figures: () => agents.figures(),
    isInForce: ({ setup }) => JSON.stringify(inForce.setup) === JSON.stringify(setup),
    configure: (next) => {
      inForce = next;
      agents.configure(next);
    },
    start: () => agents.start(),
    stop: (graceMs) => agents.stop(graceMs),
  };
}
