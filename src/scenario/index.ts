/** Scenarios: tests of the whole loop as data. */
export { type Miss, runScenario, type Verdict } from './judge.ts';
export { setupOf } from './play.ts';
