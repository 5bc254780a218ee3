/** Two policies undo each other in a real manager: they are frozen, over a restart too, until a person resumes them, and all of it can be derived again. */
import { rmSync } from 'node:fs';
import { verify } from '../../src/replay.ts';
import { makeFolder, type Running, start } from '../api/manager.ts';

const scales = (name: string, operator: string, to: number) => ({
  name,
  scope: { type: 'farm' },
  conditions: { all: [{ fact: 'sales', operator, value: 10 }] },
  cooldown: '10ms',
  actions: [{ command: 'scale', params: { to } }],
});
const GIVEN = {
  domain: 'shop',
  mode: 'act',
  types: { farm: { properties: { sales: {}, servers: { initial: 1 } }, commands: { scale: { actuator: 'set', property: 'servers' } } } },
  elements: { shop: { type: 'farm' } },
  probes: [{ name: 'till', kind: 'push', element: 'shop', every: '10s' }],
  policies: ['rules.json'],
  oscillation: { reversals: 3, freeze: '1h' },
};
const RULES = { policies: [scales('grow', 'greaterThan', 2), scales('shrink', 'lessThanInclusive', 1)] };

const servers = ({ assembly }: Running) => assembly.manager.state.readings.get('shop\tservers')?.value;

/** Sells so much until there are so many servers. */
async function sell(running: Running, value: number, until: number): Promise<void> {
  await running.ask('POST', '/observations', { element: 'shop', property: 'sales', value });
  await running.until(() => servers(running) === until && running.assembly.manager.state.commands.size === 0);
}

test('they are frozen until a person resumes them, and a replay comes to the same', async () => {
  const there = makeFolder(GIVEN, RULES);
  let running = await start(undefined, there);
  try {
    await sell(running, 20, 2);
    await sell(running, 1, 1);
    await sell(running, 20, 2);
    await sell(running, 1, 1);
    const { body } = await running.ask('GET', '/status');
    expect(body.oscillations).toMatchObject([
      { element: 'shop', what: 'servers', policies: ['grow', 'shrink'], reversals: 3, frozenUntil: expect.any(Number) },
    ]);
    await running.stop();

    running = await start(undefined, there);
    await running.ask('POST', '/observations', { element: 'shop', property: 'sales', value: 30 });
    await running.until(() => running.assembly.manager.state.symptoms.get('grow\tshop')?.heldBy === 'oscillation');
    const { text } = await running.ask('GET', '/metrics');
    expect(text).toContain('homeostat_oscillations{state="frozen"} 1');
    expect(text).toContain('homeostat_oscillations_total{kind="frozen"} 1');
    expect(text).toContain('homeostat_symptoms_held{gate="oscillation"} 1');
    const resumed = await running.ask('POST', '/resume', {
      scope: { policy: 'shrink' },
      author: 'ann',
      reason: 'their limits are apart now',
    });
    expect(resumed.body).toMatchObject({ breakers: [], oscillations: ['grow and shrink on shop'] });
    await running.until(() => servers(running) === 2);
    expect((await running.ask('GET', '/status')).body.oscillations).toEqual([]);
    expect(verify(running.assembly.store)).toMatchObject({ differences: 0, forgotten: 0 });
  } finally {
    await running.stop();
    rmSync(there.folder, { recursive: true, force: true });
  }
}, 30_000);
