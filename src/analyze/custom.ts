/** Operators and decorators that a program which embeds Homeostat brings along, as it would register them with json-rules-engine. */
import { HomeostatError } from '../errors.ts';
import { type Decorate, type Operator, type Truth, WORDS, type Words } from './operators.ts';
import { TEMPORAL } from './temporal.ts';

/**
 * Functions of the program, by name. They must be pure: the same arguments, the same answer, and nothing else read or changed; or a
 * replay would decide otherwise than the run that it repeats. What they throw, and any answer but true and false, is *unknown*.
 */
export interface CustomWords {
  readonly operators?: Readonly<Record<string, (fact: unknown, value: unknown) => boolean | undefined>>;
  readonly decorators?: Readonly<
    Record<string, (fact: unknown, value: unknown, next: (fact: unknown, value: unknown) => boolean | undefined) => boolean | undefined>
  >;
}

/** The answer of a function that is not ours. */
export function ask(answer: () => unknown): Truth {
  try {
    const truth = answer();
    return typeof truth === 'boolean' ? truth : undefined;
  } catch {
    return undefined;
  }
}

/** The words of the language with those of the program. @throws HomeostatError H006 or H003 for a name that is taken or none */
export function wordsWith(custom: CustomWords | undefined): Words {
  if (custom === undefined) return WORDS;
  const { operators = {}, decorators = {} } = custom;
  for (const name of [...Object.keys(operators), ...Object.keys(decorators)]) {
    if (name === '' || name.includes(':'))
      throw new HomeostatError('H003', `"${name}" is no name for an operator or decorator: it must not be empty, and has no colon`);
    if (Object.hasOwn(WORDS.operators, name) || Object.hasOwn(WORDS.decorators, name) || Object.hasOwn(TEMPORAL, name))
      throw new HomeostatError('H006', `"${name}" is an operator or decorator of the language already: give yours another name`);
  }
  return {
    operators: {
      ...WORDS.operators,
      ...map(operators, (holds): Operator => ({ compare: (fact, value) => ask(() => holds(fact, value)), fact: 'any', value: 'any' })),
    },
    decorators: {
      ...WORDS.decorators,
      ...map(
        decorators,
        (holds): Decorate =>
          (next) => ({
            compare: (fact, value) => ask(() => holds(fact, value, next.compare)),
            fact: 'any',
            value: next.value === 'pattern' ? 'pattern' : 'any',
          }),
      ),
    },
  };
}

const map = <A, B>(table: Readonly<Record<string, A>>, make: (entry: A) => B): Record<string, B> =>
  Object.fromEntries(Object.entries(table).map(([name, entry]) => [name, make(entry)]));
