/** What the loop drives: the manager as it was built. */
export { loadConfiguration } from '../../dist/config.js';
export { Confirmer } from '../../dist/confirm.js';
export { durationMs } from '../../dist/duration.js';
export { Derived } from '../../dist/knowledge/derived.js';
export { isOwn } from '../../dist/knowledge/own.js';
export { State } from '../../dist/knowledge/state.js';
export { step } from '../../dist/step.js';
