/** Paths into facts that are objects: JSONPath, by the library that json-rules-engine uses. The only file that imports jsonpath-plus. */
import { JSONPath } from 'jsonpath-plus';
import { HomeostatError, messageOf } from './errors.ts';

const MAX_PATH_LENGTH = 500;

/** Picks the part of a fact that a path leads to; undefined: there is none. */
export type Reach = (fact: unknown) => unknown;

/** The selectors of JSONPath Plus that look like calls and run nothing. */
const SELECTORS = /@(?:null|boolean|number|string|integer|undefined|nonFinite|scalar|array|object|function)\(\)/g;

/**
 * Compiles a path. A fact that is no object is handed on as it is, as json-rules-engine does it.
 *
 * @throws HomeostatError H121 if it cannot be read, or holds a filter or an expression, which would be a program in a place for data
 */
export function compilePath(path: string): Reach {
  if (path.length > MAX_PATH_LENGTH)
    throw new HomeostatError('H121', `a path has at most ${MAX_PATH_LENGTH} characters, and this one ${path.length}`);
  if (path.replaceAll(SELECTORS, '').includes('('))
    throw new HomeostatError('H121', `the path ${JSON.stringify(path)} holds a script: filters and expressions in parentheses are refused`);
  const reach: Reach = (fact) =>
    typeof fact === 'object' && fact !== null ? JSONPath({ path, json: fact, wrap: false, eval: false }) : fact;
  const reachOrNothing: Reach = (fact) => {
    try {
      return reach(fact);
    } catch {
      return undefined; // What a path cannot walk leads nowhere.
    }
  };
  try {
    reach({});
  } catch (thrown) {
    throw new HomeostatError('H121', `the path ${JSON.stringify(path)} cannot be read: ${messageOf(thrown)}`, { cause: thrown });
  }
  return reachOrNothing;
}
