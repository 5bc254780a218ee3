/** Regular expressions that cannot stall: RE2's, which take time in proportion to the text. The only file that imports re2js. */
import { RE2JS } from 're2js';
import { HomeostatError, messageOf } from './errors.ts';

/** Longer patterns are a mistake, and so are those that become larger programs, as `((a{50}){50}){50}` does. */
const MAX_PATTERN_LENGTH = 1_000;
const MAX_PROGRAM = 5_000;

export interface Pattern {
  readonly source: string;
  /** Whether it is found anywhere in the text. */
  readonly found: (text: string) => boolean;
}

/** Compiles a regular expression. @throws HomeostatError H122 if it is wrong, too long, or asks for what RE2 has not: look-around and back-references. */
export function compilePattern(source: string): Pattern {
  if (source.length > MAX_PATTERN_LENGTH)
    throw new HomeostatError('H122', `a regular expression has at most ${MAX_PATTERN_LENGTH} characters, and this one ${source.length}`);
  let compiled: RE2JS;
  try {
    compiled = RE2JS.compile(source);
  } catch (thrown) {
    throw new HomeostatError('H122', `the regular expression ${JSON.stringify(source)} is wrong: ${messageOf(thrown)}`, { cause: thrown });
  }
  const size = compiled.programSize();
  if (size > MAX_PROGRAM)
    throw new HomeostatError(
      'H122',
      `the regular expression ${JSON.stringify(source)} is too large: ${size} instructions of at most ${MAX_PROGRAM}`,
    );
  return { source, found: (text) => compiled.test(text) };
}
