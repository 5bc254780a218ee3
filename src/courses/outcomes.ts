/**
 * What comes of a command that was never sent, because only the other course gives it: it has succeeded at once, and the property that it sets reads as
 * set, unless that property is measured in the recording. What was measured stays as it was measured: the world does not react.
 */
import type { CommandType } from '../knowledge/blueprint.ts';
import type { Command, OutcomeEvent } from '../messages.ts';

/** After the step that committed it: never in the same one. */
export const AT_ONCE_MS = 1;

/** @param type as its element's type declares the command; undefined: a word to people. @param isMeasured whether the recording has measured values of a property of its element */
export function modelled(command: Command, type: CommandType | undefined, isMeasured: (property: string) => boolean): OutcomeEvent {
  const { id, element, params, actuator, resource } = command;
  const property = type?.property ?? (actuator === 'set' ? resource : undefined);
  const reads = property !== undefined && params.to !== undefined && !isMeasured(property);
  return {
    kind: 'outcome',
    command: id,
    status: 'succeeded',
    detail: 'taken to have succeeded at once: it was not sent',
    observations: reads ? [{ element, property, value: params.to!, time: command.issuedAt + AT_ONCE_MS, source: actuator }] : [],
  };
}
