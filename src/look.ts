/** What the shell looks up in a manager's model for those who measure and act. */
import { EVERYWHERE } from './compile/index.ts';
import type { Target } from './execute/actuators/actuator.ts';
import type { Binding } from './execute/executor.ts';
import type { Derived } from './knowledge/derived.ts';
import type { State } from './knowledge/state.ts';
import { known } from './knowledge/turn.ts';
import { type Command, isEverything, type Value } from './messages.ts';

/** A manager, or whatever else has its state at hand. */
export interface Model {
  readonly state: State;
  readonly derived: Derived;
}

/** An element that is not there yet, or no more, observes everything: what is said of it is a dead letter, and not lost in silence. */
export function observes(manager: Model, element: string, property: string): boolean {
  const row = manager.state.elements.get(element);
  const type = row && manager.derived.blueprint.types.get(row.document.type);
  return type === undefined || type.series.has(property);
}

/** How a command is carried out, as its type says now. */
export function bindingOf(manager: Model, command: Command): Binding | undefined {
  const row = manager.state.commands.get(command.id);
  const type = manager.derived.blueprint.types.get(manager.state.elements.get(command.element)?.document.type ?? '');
  const declared = type?.commands.get(command.command) ?? EVERYWHERE.get(command.command);
  if (row === undefined && declared === undefined) return undefined;
  return {
    actuator: command.actuator,
    operation: row?.operation ?? declared!.operation,
    idempotent: declared?.idempotent ?? false,
    retries: declared?.retries ?? 0,
    backoffMs: declared?.backoffMs ?? 500,
  };
}

export function targetOf(manager: Model, id: string): Target | undefined {
  const row = manager.state.elements.get(id);
  return row && { id, type: row.document.type, properties: propertiesOf(manager.state, id), children: manager.derived.family.children(id) };
}

export function propertiesOf(state: State, id: string): Record<string, Value> {
  const properties: Record<string, Value> = { ...state.elements.get(id)?.document.properties };
  const prefix = `${id}\t`;
  for (const key of state.readingKeys(id)) {
    const value = known(state.readings.get(key));
    if (value !== undefined) properties[key.slice(prefix.length)] = value;
  }
  return properties;
}

/** Whether a pause of everything, the emergency stop, is in force. */
export const stopped = (state: State): boolean => [...state.pauses.rows()].some((pause) => isEverything(pause.scope));
