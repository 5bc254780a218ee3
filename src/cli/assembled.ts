/** What `homeostat run` runs, embedded or over Kafka: the same to those who reload it, ask it and stop it. */
import type { Logger } from 'pino';
import { embeddedFigures, type Figures } from '../api/figures.ts';
import type { Served } from '../api/served.ts';
import type { ApiContext } from '../api/server.ts';
import type { Steps } from '../api/steps.ts';
import { type Assembly, assemble } from '../assemble.ts';
import type { Clock } from '../clock.ts';
import type { Configuration } from '../config.ts';
import { chosenPlaces } from '../places.ts';

export interface AssembledSurroundings {
  /** The places that were named on the command line. */
  readonly places: readonly string[];
  /** Agents of these places, and no managers. */
  readonly agentsOnly: boolean;
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
  /** The places at which it works, where there are places. */
  readonly places?: readonly string[];
  readonly figures: () => Figures;
  /** Whether all managers here have a configuration in force. */
  readonly isInForce: (configuration: Configuration) => boolean;
  readonly configure: (configuration: Configuration) => void;
  readonly start: () => Promise<void>;
  readonly stop: (graceMs: number) => Promise<void>;
}

/** @throws HomeostatError H501 if a place is not there, and others if it cannot begin */
export async function assembled(configuration: Configuration, surroundings: AssembledSurroundings): Promise<Assembled> {
  const { steps, places: named, agentsOnly, ...rest } = surroundings;
  const places = chosenPlaces(named, configuration.manager, configuration.file);
  if (configuration.manager.services !== undefined) {
    // A manager of its own needs no Kafka, and starts in less time and memory without.
    const { onlyAgents, overKafka } = await import('./assembled-services.ts');
    return agentsOnly ? onlyAgents(configuration, { ...rest, places }) : overKafka(configuration, { ...rest, places }, steps);
  }
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
