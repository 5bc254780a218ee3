/** Units of systemd on this machine: start, stop, restart, reload, and their properties. The parts: systemd-options, systemd-unit (systemctl), command-marks. */
import { deadline, sleep } from '../../clock.ts';
import { HomeostatError, messageOf } from '../../errors.ts';
import type { Observation } from '../../messages.ts';
import type { Actuator, ActuatorContext, ActuatorKind, Order, Result } from './actuator.ts';
import { readMark, writeMark } from './command-marks.ts';
import { fill, orderValues } from './placeholders.ts';
import { FinalFailure, failureOf, refused, succeeded } from './results.ts';
import { checkSystemd, SystemdOptions } from './systemd-options.ts';
import { Systemctl, type UnitState } from './systemd-unit.ts';
import { Turns } from './turns.ts';

const OPERATIONS = ['start', 'stop', 'restart', 'reload', 'setProperty'] as const;
type Operation = (typeof OPERATIONS)[number];

/** How long a job that is no longer wanted is looked for, ms: less than the executor waits for a last word. */
const CANCEL_WITHIN_MS = 400;
const LOOK_EVERY_MS = 200;

const isUp = ({ active }: UnitState): boolean => active === 'active' || active === 'reloading';
const isDown = ({ active }: UnitState): boolean => active === 'inactive' || active === 'failed';

function create(options: SystemdOptions, context: ActuatorContext): Actuator {
  const systemctl = new Systemctl(options, context);
  const turns = new Turns();
  const unitOf = (order: Order): string =>
    fill(options.unit ?? '{name}.service', orderValues(order, context.target(order.command.element)));

  const observed = (element: string, { active, sub, pid, restarts }: UnitState): readonly Observation[] => {
    const read = { state: active, subState: sub, pid: pid === 0 ? undefined : pid, restarts };
    const time = context.clock.now();
    return (options.publishes ?? []).flatMap((property) => {
      const value = read[property];
      return value === undefined ? [] : [{ element, property, value, time, source: context.name }];
    });
  };
  const told = (order: Order, detail: string, state: UnitState): Result => {
    const process = state.pid === 0 ? '' : `, process ${state.pid}`;
    return succeeded(`${detail}: ${state.active} (${state.sub})${process}`, { observations: observed(order.command.element, state) });
  };

  /** What systemctl is asked for; undefined: the unit is as it should be. */
  const argsOf = (order: Order, unit: string, state: UnitState): readonly string[] | undefined => {
    const operation = order.operation as Operation;
    if (operation === 'start') return isUp(state) ? undefined : ['start', '--', unit];
    if (operation === 'stop') return isDown(state) ? undefined : ['stop', '--', unit];
    if (operation !== 'setProperty') return [operation, '--', unit];
    const values = orderValues(order, context.target(order.command.element));
    const set = Object.entries(options.set ?? {}).map(([name, text]) => `${name}=${fill(text, values)}`);
    return ['set-property', ...(options.runtime === true ? ['--runtime'] : []), '--', unit, ...set];
  };

  const run = async (order: Order, unit: string, signal: AbortSignal): Promise<Result> => {
    const before = await systemctl.show(unit, signal);
    if (before.load !== 'loaded') throw new FinalFailure(`the unit ${unit} is ${before.load}`);
    if (readMark(context.folder, order)?.result) return told(order, `${unit}: ${order.operation} was done before`, before);
    const args = argsOf(order, unit, before);
    if (!args) return told(order, `${unit}: nothing to do`, before);
    signal.throwIfAborted();
    writeMark(context.folder, order, { before: before.invocation });
    await systemctl.run(args, signal);
    writeMark(context.folder, order, { before: before.invocation, result: { status: 'succeeded', detail: '' } });
    // That it cannot be read back is no reason to say that it was not done.
    const after = await systemctl.show(unit, signal).catch(() => undefined);
    return after
      ? told(order, `${unit}: ${order.operation} done`, after)
      : succeeded(`${unit}: ${order.operation} done, and could not be read back`);
  };

  const settled = async (unit: string, signal: AbortSignal): Promise<UnitState> => {
    for (;;) {
      const state = await systemctl.show(unit, signal);
      if (state.job === 0) return state;
      await sleep(context.clock, LOOK_EVERY_MS, signal);
    }
  };

  /**
   * After a restart: no mark means that systemd was never asked. Otherwise, when its jobs are over, another invocation than before has begun, or the
   * state is there. @throws HomeostatError H402 for a reload, which leaves no trace.
   */
  const inquire = async (order: Order, signal: AbortSignal): Promise<Result | undefined> => {
    const unit = unitOf(order);
    const mark = readMark(context.folder, order);
    if (!mark) return undefined;
    const state = await settled(unit, signal);
    const found = () => told(order, `${unit}: found`, state);
    if (mark.result) return found();
    switch (order.operation as Operation) {
      case 'start':
      case 'restart':
        return state.invocation !== mark.before && state.invocation !== '' ? found() : undefined;
      case 'stop':
        return isDown(state) ? found() : undefined;
      case 'reload':
        throw new HomeostatError('H402', `systemd was asked to reload ${unit}, and does not say whether it has`);
      default:
        // The same values once more are the same properties.
        return undefined;
    }
  };

  return {
    execute: async (order, signal) => {
      if (!(OPERATIONS as readonly string[]).includes(order.operation))
        return refused(`the systemd actuator knows no operation ${order.operation}; known: ${OPERATIONS.join(', ')}`);
      if (order.operation === 'setProperty' && !options.set) return refused('setProperty needs the option set');
      const unit = unitOf(order);
      return turns.take(unit, async () => {
        try {
          signal.throwIfAborted();
          return await run(order, unit, signal);
        } catch (error) {
          if (!signal.aborted) return failureOf(error);
          const late = deadline(context.clock, CANCEL_WITHIN_MS, new Error('too late'));
          await systemctl.cancel(unit, late.signal).finally(late.done);
          return { status: 'timedOut', detail: messageOf(signal.reason) };
        }
      });
    },
    inquire,
    close: async () => {},
  };
}

export const systemdKind: ActuatorKind<SystemdOptions> = {
  kind: 'systemd',
  description: 'starts, stops, restarts and limits units of systemd (Linux)',
  options: SystemdOptions,
  operations: OPERATIONS,
  check: checkSystemd,
  create,
};
