/** Scenarios: tests of the whole loop as data. */
export { Coverage, type CoveredPolicy, type CoveredShare, shareOf } from './coverage.ts';
export { type Miss, runScenario, type Verdict } from './judge.ts';
export { setupOf } from './play.ts';
