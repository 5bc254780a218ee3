/** The environment of a child process, and the names by which a child is known as ours. */

/** Which manager's it is: the owner in ActuatorContext. */
export const OWNER = 'HOMEOSTAT_OWNER';
/** Which element it is the process of. */
export const ELEMENT = 'HOMEOSTAT_ELEMENT';
/** The id of the command that started it. */
export const COMMAND = 'HOMEOSTAT_COMMAND';
/** The term of the manager that sent that command. */
export const TERM = 'HOMEOSTAT_TERM';

/**
 * The base with the additions of each layer. Names that begin with HOMEOSTAT_ never come from the base: a manager may itself
 * be a managed process, and its children must not pass for its own manager's.
 */
export function childEnvironment(
  base: Readonly<Record<string, string>>,
  ...layers: readonly (Readonly<Record<string, string>> | undefined)[]
): Record<string, string> {
  const own = Object.entries(base).filter(([name]) => !name.startsWith('HOMEOSTAT_'));
  return Object.assign(Object.fromEntries(own), ...layers);
}
