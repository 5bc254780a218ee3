/**
 * The language of expressions: CEL over the facts of an element, with one kind of number. The only importer of cel-js.
 *
 * CEL keeps integers and fractions apart (`busy / 2 + 1` is an error where `busy` is a fraction). So the text is parsed, checked against a
 * list of what may stand in it, and written anew with every number a fraction and every fact a variable; that is what cel-js runs.
 * The list leaves out what could stall or depend on the surroundings: loops (macros), regular expressions, dates.
 *
 * Unknown is CEL's error, which `&&`, `||` and `? :` treat as Kleene does: `false && unknown` is false, and so is `unknown && false`.
 * https://github.com/google/cel-spec/blob/master/doc/langdef.md#logical-operators
 */
import { type ASTNode, Environment, EvaluationError, ParseError } from '@marcbachmann/cel-js';
import { HomeostatError, messageOf } from './errors.ts';
import type { Value } from './messages.ts';
import { nearest } from './suggest.ts';

/** Longest text of an expression, in characters; it bounds the time that one evaluation can take. */
export const MAX_EXPRESSION_LENGTH = 1_000;
/** Most arguments of `min` and `max`. */
const MAX_ARGUMENTS = 8;

export interface Expression {
  readonly text: string;
  /** The names of the facts it reads, sorted. */
  readonly facts: readonly string[];
  /** Its value, or why it has none. `lookup` says what is known of a fact; undefined: nothing. */
  readonly evaluate: (lookup: (fact: string) => Value | undefined) => { value?: Value; why?: string };
}

/** Functions of numbers: name, how many arguments, what they do. */
const MATHEMATICS: readonly (readonly [name: string, from: number, to: number, of: (...x: number[]) => number])[] = [
  ['abs', 1, 1, Math.abs],
  ['ceil', 1, 1, Math.ceil],
  ['clamp', 3, 3, (x, lo, hi) => Math.min(Math.max(x!, lo!), hi!)],
  ['exp', 1, 1, Math.exp],
  ['floor', 1, 1, Math.floor],
  ['log', 1, 1, Math.log],
  ['max', 2, MAX_ARGUMENTS, Math.max],
  ['min', 2, MAX_ARGUMENTS, Math.min],
  ['round', 1, 1, Math.round],
  ['sqrt', 1, 1, Math.sqrt],
];
const FUNCTIONS = [...MATHEMATICS.map(([name]) => name), 'double', 'fact', 'known', 'string'];
const METHODS = ['contains', 'endsWith', 'startsWith'];

/** 0/0 and overflow are unknown at once; else `0/0 > 1` would be false and its `!` true. */
function finite<T>(x: T): T {
  if (typeof x === 'number' && !Number.isFinite(x)) throw new EvaluationError('a calculation has no finite result');
  return x;
}

const LANGUAGE = new Environment({ unlistedVariablesAreDyn: true });
LANGUAGE.registerOperator('double % double: double', (a: number, b: number) => a % b);
for (const type of ['double', 'string']) LANGUAGE.registerFunction(`finite(${type}): ${type}`, finite, { async: false });
for (const [name, from, to, of] of MATHEMATICS) {
  const handler = (...x: number[]): number => finite(of(...x));
  for (let n = from; n <= to; n++)
    LANGUAGE.registerFunction(`${name}(${Array(n).fill('double').join(', ')}): double`, handler, { async: false });
}

/** Where something is wrong in the text, and what. */
class Wrong extends Error {
  readonly at: number;
  constructor(message: string, at: number) {
    super(message);
    this.at = at;
  }
}

/** Parts of the new text: as they stand, or still to be written. */
type Parts = readonly (string | ASTNode)[];

/** Writes a parsed expression anew, as said at the top. */
class Translation {
  text = '';
  readonly facts: string[] = [];
  /** Whether part of it may be passed over, so that an unknown fact need not make the whole unknown. */
  branches = false;
  /** Places in the new text, and those in the old that they come from. */
  readonly #marks: (readonly [to: number, from: number])[] = [];

  write(ast: ASTNode): void {
    this.#marks.push([this.text.length, ast.start]);
    for (const part of this.#parts(ast)) {
      if (typeof part === 'string') this.text += part;
      else this.write(part);
    }
  }

  /** The place in the old text of a place in the new one. */
  origin(place: number): number {
    return this.#marks.findLast(([to]) => to <= place)?.[1] ?? 0;
  }

  #parts(ast: ASTNode): Parts {
    switch (ast.op) {
      case 'value':
        return [literal(ast.args, ast.start)];
      case 'id':
      case '.':
        return [this.#fact(dotted(ast))];
      case 'call':
        return this.#call(ast.args[0], ast.args[1], ast.start);
      case 'rcall':
        if (!METHODS.includes(ast.args[0])) throw unknownFunction(ast.args[0], METHODS, ast.start);
        return ['(', ast.args[1], `).${ast.args[0]}(`, ...separated(ast.args[2]), ')'];
      case 'list':
        return ['[', ...separated(ast.args), ']'];
      case '!_':
      case '-_':
        return [`${ast.op[0]}(`, ast.args, ')'];
      case '+':
      case '-':
      case '*':
      case '/':
      case '%':
        return ['finite((', ast.args[0], `) ${ast.op} (`, ast.args[1], '))'];
      case '&&':
      case '||':
        this.branches = true;
        return ['(', ast.args[0], `) ${ast.op} (`, ast.args[1], ')'];
      case '==':
      case '!=':
      case '<':
      case '<=':
      case '>':
      case '>=':
      case 'in':
        return ['(', ast.args[0], `) ${ast.op} (`, ast.args[1], ')'];
      case '?:':
        this.branches = true;
        return ['(', ast.args[0], ') ? (', ast.args[1], ') : (', ast.args[2], ')'];
      default:
        throw new Wrong(`"${ast.op}" is not part of the language of expressions`, ast.start);
    }
  }

  #call(name: string, args: readonly ASTNode[], at: number): Parts {
    if (!FUNCTIONS.includes(name)) throw unknownFunction(name, FUNCTIONS, at);
    // CEL reads "inf" and "nan" as numbers.
    if (name === 'double') return ['finite(double(', ...separated(args), '))'];
    if (name === 'known') return [`k${this.#known(args, at).slice(1)}`];
    if (name !== 'fact') return [`${name}(`, ...separated(args), ')'];
    const [only] = args;
    if (args.length !== 1 || only?.op !== 'value' || typeof only.args !== 'string' || only.args === '') {
      throw new Wrong('fact takes one name in quotes, such as fact("shop/db.load")', at);
    }
    return [this.#fact(only.args)];
  }

  /** The variable of the fact that is asked about. */
  #known(args: readonly ASTNode[], at: number): string {
    const [only] = args;
    const isFact = only?.op === 'id' || only?.op === '.' || (only?.op === 'call' && only.args[0] === 'fact');
    if (args.length !== 1 || !isFact) throw new Wrong('known takes one fact, such as known(parent.capacity)', at);
    this.branches = true;
    return this.#parts(only)[0] as string;
  }

  /** The variable that stands for a fact. */
  #fact(name: string): string {
    if (!this.facts.includes(name)) this.facts.push(name);
    return `f${this.facts.indexOf(name)}`;
  }
}

const separated = (items: Parts): Parts => items.flatMap((item, i) => (i === 0 ? [item] : [', ', item]));

function literal(value: unknown, at: number): string {
  if (typeof value === 'string' || typeof value === 'boolean') return JSON.stringify(value);
  // With a point or an exponent it is a fraction to CEL.
  if (typeof value === 'number' || typeof value === 'bigint') return /[.e]/.test(`${Number(value)}`) ? `${Number(value)}` : `${value}.0`;
  throw new Wrong('a literal is a number, a text, true or false', at);
}

/** `parent.capacity` as it was written, with all of its dots. */
function dotted(ast: ASTNode): string {
  if (ast.op === 'id') return ast.args;
  if (ast.op === '.') return `${dotted(ast.args[0])}.${ast.args[1]}`;
  throw new Wrong('a dot stands only between the parts of a fact, such as parent.capacity', ast.start);
}

function unknownFunction(name: string, known: readonly string[], at: number): Wrong {
  const hint = nearest(name, known);
  return new Wrong(`unknown function "${name}"${hint === '' ? `; known: ${known.join(', ')}` : hint}`, at);
}

/** @throws HomeostatError H107 that says what is wrong, and where in the text. */
export function compileExpression(text: string): Expression {
  if (text.length > MAX_EXPRESSION_LENGTH)
    throw new HomeostatError('H107', `an expression has at most ${MAX_EXPRESSION_LENGTH} characters, and this one ${text.length}`);
  const translation = new Translation();
  try {
    translation.write(LANGUAGE.parse(text).ast);
    const run = parseAgain(translation.text);
    const { type, error } = run.check();
    if (error) throw new Wrong(error.summary, translation.origin(error.range?.start ?? 0));
    if (!['double', 'string', 'bool', 'dyn'].includes(`${type}`)) throw new Wrong('the result is not a number, a text, true or false', 0);
    return expression(text, translation, run);
  } catch (thrown) {
    const at = thrown instanceof Wrong ? thrown.at : thrown instanceof ParseError ? (thrown.range?.start ?? 0) : 0;
    const what = thrown instanceof ParseError ? thrown.summary : messageOf(thrown);
    const shown = text.length <= 80 ? text : `${text.slice(0, 79)}…`;
    throw new HomeostatError('H107', `${what}, at character ${at + 1} of "${shown}"`, { cause: thrown });
  }
}

/** What fails only now is the depth: each operator has become a pair of parentheses. */
function parseAgain(text: string): ReturnType<typeof LANGUAGE.parse> {
  try {
    return LANGUAGE.parse(text);
  } catch {
    throw new Wrong('the expression nests too deeply; make a part of it a property of its own', 0);
  }
}

function expression(text: string, { facts, branches }: Translation, run: (context: Record<string, Value>) => unknown): Expression {
  const evaluate: Expression['evaluate'] = (lookup) => {
    const context: Record<string, Value> = {};
    let unknown: string | undefined;
    for (const [i, fact] of facts.entries()) {
      const value = lookup(fact);
      // Whether it is known is always known.
      context[`k${i}`] = value !== undefined;
      if (value === undefined) unknown ??= fact;
      else context[`f${i}`] = value;
    }
    // Thrown errors are slow, and an element without data is common.
    if (unknown !== undefined && !branches) return { why: `${unknown} is unknown` };
    try {
      return result(run(context));
    } catch (thrown) {
      return { why: reason(thrown, facts) };
    }
  };
  return { text, facts: [...facts].sort(), evaluate };
}

function result(value: unknown): { value?: Value; why?: string } {
  if (typeof value === 'string' || typeof value === 'boolean') return { value };
  // Adding 0 makes 0 of -0, which JSON cannot keep.
  if (typeof value === 'number' && Number.isFinite(value)) return { value: value + 0 };
  return { why: 'the result is not a number, a text, true or false' };
}

function reason(thrown: unknown, facts: readonly string[]): string {
  if (!(thrown instanceof EvaluationError)) return messageOf(thrown);
  const { code, node, summary } = thrown;
  if (code === 'unknown_variable' && node?.op === 'id') return `${facts[Number(node.args.slice(1))]} is unknown`;
  return summary;
}
