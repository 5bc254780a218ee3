/** What the contract of all actuators needs to know of one kind: a target in the world that can be counted, hung and taken away. */
import type { Actuator, Order } from '../../../../src/execute/actuators/actuator.ts';
import type { Rig } from '../rig.ts';

export interface Stage {
  /** Another life of the manager: an actuator that knows nothing of what was before. */
  readonly make: () => Actuator;
  /** A new command, with an id of its own. */
  readonly order: () => Order;
  /** How many effects commands had so far. */
  readonly effects: () => number | Promise<number>;
  /** From now on the target takes what comes and does not answer, and does nothing. Resolves as soon as something has come. */
  readonly hang?: () => Promise<void>;
  /** From now on nobody is there. */
  readonly leave?: () => void | Promise<void>;
  /** Whether what a command made is still there. */
  readonly alive?: () => boolean | Promise<boolean>;
  readonly end?: () => void | Promise<void>;
}

export interface Subject {
  readonly kind: string;
  /** The same id again has no second effect, though a new life asks: by the target's memory, or since its state is looked at first. */
  readonly onceById: boolean;
  /** It can be asked what came of a command. */
  readonly inquires: boolean;
  readonly open: (rig: Rig) => Stage | Promise<Stage>;
}
