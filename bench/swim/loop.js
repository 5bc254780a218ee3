/** Homeostat in the loop of the simulated site, on simulated time: the pure step in place of the shell, as in `homeostat test`. Whose step it is, the caller says. */
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, relative } from 'node:path';
import { fileURLToPath } from 'node:url';
import { carryOut, measured } from '../../examples/swim/manage.js';
import { answer } from '../../examples/swim/protocol.js';
import { Scored } from '../../examples/swim/score.js';
import { Site } from '../../examples/swim/site.js';
import { TRACE_S } from '../../examples/swim/trace.js';

const EXAMPLE = fileURLToPath(new URL('../../examples/swim/', import.meta.url));
const START = Date.UTC(1971, 0, 1);
const ELEMENT = 'site';

/** The example's manager file with this pack, interval and boot time in place of its own. @returns its setup */
export function setupOf({ loadConfiguration, durationMs }, { pack, everyMs, bootS }) {
  const manager = JSON.parse(readFileSync(join(EXAMPLE, 'homeostat.json'), 'utf8'));
  const folder = mkdtempSync(join(tmpdir(), 'homeostat-swim-'));
  try {
    const file = join(folder, 'homeostat.json');
    manager.policies = [relative(folder, join(EXAMPLE, 'rules', `${pack}.json`))];
    manager.elements[ELEMENT].properties.bootTime = bootS;
    if (everyMs !== undefined) manager.probes[0].every = `${everyMs}ms`;
    writeFileSync(file, JSON.stringify(manager));
    const { configuration, findings } = loadConfiguration(file);
    if (configuration === undefined) throw new Error(`${pack}: ${JSON.stringify(findings, null, 2)}`);
    return { setup: configuration.setup, everyMs: durationMs(manager.probes[0].every) };
  } finally {
    rmSync(folder, { recursive: true });
  }
}

/** One run over the whole trace. @returns its periods, score, late periods, and commands by name */
export async function run({ State, Derived, Confirmer, step, isOwn }, { setup, everyMs, arrivals, seed, bootS, untilS = TRACE_S }) {
  const site = new Site({ arrivals, seed, bootS });
  const scored = new Scored(site);
  const ask = async (lines) => lines.map((line) => answer(site, line));
  const state = new State();
  const derived = new Derived(state);
  const confirmer = new Confirmer();
  const commands = [];
  /** What came of commands, for the next step. */
  let outcomes = [];

  const look = async (at, events) => {
    const result = step(state, derived, events, START + at);
    const withheld = new Map();
    for (const firing of result.firings) {
      const detail = await confirmer.disagreement(derived.blueprint.policies.get(firing.policy), firing);
      if (detail !== undefined) for (const command of firing.commands) withheld.set(command, detail);
    }
    for (const command of result.commands.filter((one) => !isOwn(one))) {
      const detail = withheld.get(command.id);
      if (detail !== undefined) outcomes.push({ kind: 'withheld', command: command.id, cause: 'disagreement', detail });
      else {
        const { status, detail: said } = await carryOut(ask, command.command, command.params.to);
        commands.push({ atS: at / 1_000, policy: command.policy, command: command.command, to: command.params.to, status, said });
        outcomes.push({ kind: 'outcome', command: command.id, status, detail: said });
      }
    }
  };

  await look(0, [{ kind: 'configured', document: JSON.stringify(setup) }]);
  let poll = everyMs;
  for (let at = 0; ; ) {
    const due = state.nextDue();
    const answered = outcomes.length > 0 ? at + 1 : Number.POSITIVE_INFINITY;
    at = Math.min(poll, answered, due === null ? Number.POSITIVE_INFINITY : Math.max(at + 1, due - START));
    if (at >= untilS * 1_000) break;
    scored.advance(at / 1_000);
    const events = outcomes;
    outcomes = [];
    if (at === poll) {
      for (const [property, value] of Object.entries(await measured(ask)))
        events.push({ kind: 'observation', element: ELEMENT, property, value, time: START + at, source: 'swim', everyMs });
      poll += everyMs;
    }
    await look(at, events);
  }
  scored.advance(untilS);
  return { periods: scored.periods, commands, ...scored.result, actions: commands.filter(({ status }) => status === 'succeeded').length };
}
