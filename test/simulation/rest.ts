/** How things stand at the end of the healed phase. */
import type { Life } from './life.ts';
import type { Rest } from './trace.ts';
import type { World } from './world.ts';

/** The dead zone of a farm's load, with room for noise. */
const CALM_LOAD = { low: 0.36, high: 0.86 };
/** More than this must not wait in the queue. */
const CALM_DEPTH = 150;

export function restOf(life: Life | undefined, world: World, unhandled: readonly string[]): Rest {
  if (life === undefined) {
    return { now: 0, lastStepAt: 0, storeFailure: 'there is no manager', overdue: [], stillRunning: 0, unwell: [], unhandled };
  }
  const { state, health } = life.manager;
  const now = life.clock.now();
  const held = (element: string): string | null => {
    const raised = [...state.symptoms.rows()].filter((symptom) => symptom.element === element && symptom.truth === true);
    return raised.map((symptom) => `${symptom.policy}: ${symptom.heldBy}`).join(', ') || null;
  };
  const unwell: { what: string; heldBy: string | null }[] = [];
  for (const [id, farm] of world.farms) {
    const load = world.load(farm);
    if (load < CALM_LOAD.low || load > CALM_LOAD.high)
      unwell.push({ what: `the load of ${id} is ${load.toFixed(2)} with ${farm.servers.size} servers`, heldBy: held(id) });
    for (const [name, server] of farm.servers)
      if (server.state !== 'up') unwell.push({ what: `${name} is ${server.state}`, heldBy: held(name) });
  }
  if (world.depth > CALM_DEPTH) unwell.push({ what: `${world.depth} wait in the queue`, heldBy: held('shop/q') });
  return {
    now,
    lastStepAt: state.position.now,
    storeFailure: health.storeFailure,
    overdue: [...state.commands.rows()].filter((row) => row.phase === 'sent' && row.deadlineAt < now).map((row) => row.key),
    stillRunning: life.executor.counts().running,
    unwell,
    unhandled,
  };
}
