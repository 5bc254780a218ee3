/** What agents and devices say to the bridge. */
import { isUtf8 } from 'node:buffer';
import { isObject } from '../json.ts';
import type { AppearedEvent, ObservationEvent, OutcomeEvent, ProbeEvent, Signal, VanishedEvent } from '../messages.ts';
import { complaintAbout } from '../monitor/probes/values.ts';
import { INTAKE_SOURCE, isElementId, isName, readIntake } from '../services/intake-format.ts';
import type { Arrived } from './frames.ts';
import type { MessageReader } from './mapping.ts';

/** Signals that an agent may tell, and the element that each is about. */
type AgentSignal = AppearedEvent | VanishedEvent | ProbeEvent | OutcomeEvent;

export interface BridgeMessage {
  readonly observations: readonly ObservationEvent[];
  readonly signals: readonly { readonly element: string; readonly signal: Signal }[];
  /** What could not be read of it. */
  readonly wrong: readonly string[];
}

const STATUSES: readonly unknown[] = ['succeeded', 'failed', 'timedOut', 'unknown'];
const refused = (...wrong: string[]): BridgeMessage => ({ observations: [], signals: [], wrong });
const text = (thing: unknown, longest: number): thing is string => typeof thing === 'string' && thing.length <= longest;

/** Observations of an agent: as outsiders write them to the intake. Those that do not say their source have the agent's name. */
export function readObservations(agent: string, { payload }: Arrived, place: number, now: number): BridgeMessage {
  if (!isUtf8(payload)) return refused('it is no text in UTF-8');
  const { observations, rejections, rejected } = readIntake(payload.toString('utf8'), { offset: place, time: now });
  const more = rejected - rejections.length;
  return {
    observations: observations.map((one) => (one.source === INTAKE_SOURCE ? { ...one, source: agent } : one)),
    signals: [],
    wrong: [...rejections.map(({ index, reason }) => `observation ${index}: ${reason}`), ...(more > 0 ? [`${more} more`] : [])],
  };
}

/** A signal of an agent: one event, with the element that it is about, so that it reaches the manager of its domain. */
export function readSignal(agent: string, { payload }: Arrived): BridgeMessage {
  let message: unknown;
  try {
    message = isUtf8(payload) ? JSON.parse(payload.toString('utf8')) : undefined;
  } catch {
    message = undefined;
  }
  if (!isObject(message)) return refused('it is no JSON object');
  const { kind, element } = message;
  if (!isElementId(element)) return refused('"element" is missing, or no id of an element; it says which manager the signal is for');
  const signal = signalOf(agent, message, element);
  if (typeof signal === 'string') return refused(`${String(kind)}: ${signal}`);
  return { observations: [], signals: [{ element, signal }], wrong: [] };
}

function signalOf(agent: string, message: Readonly<Record<string, unknown>>, element: string): AgentSignal | string {
  const { kind } = message;
  switch (kind) {
    case 'appeared': {
      const { document } = message;
      if (!isObject(document) || !isName(document.type)) return '"document" with a "type" is missing';
      return { kind, element, document: document as AppearedEvent['document'], source: agent };
    }
    case 'vanished':
      return { kind, element, source: agent };
    case 'probe': {
      const { probe, state, reason = '' } = message;
      if (!isName(probe) || (state !== 'failing' && state !== 'working') || !text(reason, 1_000))
        return '"probe" and "state" (failing or working) are needed';
      return { kind, element, probe, state, reason };
    }
    case 'outcome': {
      const { command, status, detail = '' } = message;
      if (!text(command, 200) || command === '' || !STATUSES.includes(status) || !text(detail, 4_000))
        return '"command" and "status" (succeeded, failed, timedOut or unknown) are needed';
      return { kind, command, status: status as OutcomeEvent['status'], detail };
    }
    default:
      return 'agents tell appeared, vanished, probe and outcome';
  }
}

/** What a device says on a topic of its own. */
export function readDevice(
  name: string,
  reader: MessageReader,
  { topic, payload, retained, tooLong }: Arrived,
  now: number,
): BridgeMessage {
  if (tooLong > 0) return refused(`it has ${tooLong} bytes, more than mqtt.maxBytes`);
  const { samples, wrong } = reader.read(topic, payload, retained, now, false);
  const observations: ObservationEvent[] = [];
  const complaints = wrong === undefined ? [] : [wrong];
  for (const sample of samples) {
    const complaint = sample.element === undefined ? 'it names no element' : complaintAbout(sample);
    if (complaint !== undefined) complaints.push(complaint);
    else
      observations.push({
        kind: 'observation',
        element: sample.element!,
        property: sample.property,
        value: sample.value,
        time: sample.time ?? now,
        source: name,
      });
  }
  return { observations, signals: [], wrong: complaints };
}
