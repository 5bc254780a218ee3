/** What a program that embeds Homeostat may use, and nothing more. */
export type { CustomWords } from './analyze/custom.ts';
export { type Assembly, assemble, type Surroundings } from './assemble.ts';
export { type Clock, SimulatedClock, SystemClock } from './clock.ts';
export { type Configuration, environment, type Loaded, type LoadOptions, loadConfiguration } from './config.ts';
export type { ManagerDocument } from './documents/manager.ts';
export type { PoliciesDocument, PolicyDocument } from './documents/policy.ts';
export type { ScenarioDocument } from './documents/scenario.ts';
export { ERRORS, type ErrorCode, type Finding, HomeostatError } from './errors.ts';
export type { Actuator, ActuatorContext, ActuatorKind } from './execute/actuators/actuator.ts';
export type { Setup } from './knowledge/blueprint.ts';
export { Derived } from './knowledge/derived.ts';
export { State } from './knowledge/state.ts';
export type {
  Command,
  ElementDocument,
  Event,
  JournalEntry,
  Observation,
  ObservationEvent,
  OutcomeEvent,
  Signal,
  Value,
} from './messages.ts';
export type { Gauge, GaugeKind } from './monitor/gauges/gauge.ts';
export type { Probe, ProbeKind } from './monitor/probes/probe.ts';
export { runScenario, type Verdict } from './scenario/index.ts';
export { type StepResult, step } from './step.ts';
