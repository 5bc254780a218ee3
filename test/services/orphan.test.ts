/** A pool that shrank in an earlier life, and a restart that this life has left over from it: the member stays away. */
import { processKind } from '../../src/execute/actuators/process.ts';
import { makeRig, never, order, type Rig } from '../execute/actuators/rig.ts';

let rig: Rig;
beforeEach(() => {
  rig = makeRig();
  rig.put('web', 'farm');
  rig.put('web/server-1', 'server');
  rig.put('web/server-2', 'server');
});
afterEach(() => rig.end());

const POOL = { run: ['sleep', '60'], pool: { type: 'server', name: 'server-{n}' } };

/** Server 2 has ended, as after a scale to 1 that could not be told; the model still holds it. */
async function nextLife() {
  await processKind.create(POOL, rig.context).execute(order('scale', 'web', { to: 1 }), never);
  const actuator = processKind.create(POOL, rig.context);
  await actuator.adopt?.(['web', 'web/server-1', 'web/server-2'].flatMap((id) => rig.context.target(id) ?? []));
  return actuator;
}

const living = async () => (await rig.processes()).map((each) => each.element);

test('a restart that comes after its member was found gone is refused, and the member is not watched any more', async () => {
  const actuator = await nextLife();
  expect(await actuator.inquire?.(order('scale', 'web', { to: 1 }), never)).toMatchObject({
    status: 'succeeded',
    vanished: ['web/server-2'],
  });
  expect(await actuator.execute(order('restart', 'web/server-2'), never)).toMatchObject({ status: 'failed' });
  expect(await living()).toEqual(['web/server-1']);
  expect(actuator.processes?.().map((each) => each.element)).toEqual(['web/server-1']);
});

test('a restart at the same time either comes too late or is seen by the scale: no process is left without its element', async () => {
  const actuator = await nextLife();
  const [scaled, restarted] = await Promise.all([
    actuator.inquire?.(order('scale', 'web', { to: 1 }), never),
    actuator.execute(order('restart', 'web/server-2'), never),
  ]);
  const vanished = scaled?.vanished?.includes('web/server-2') ?? false;
  expect(await living()).toEqual(vanished ? ['web/server-1'] : ['web/server-1', 'web/server-2']);
  expect(restarted.status).toBe(vanished ? 'failed' : 'succeeded');
});

test('a member that was found gone comes back when its pool grows, and can be restarted then', async () => {
  const actuator = await nextLife();
  await actuator.inquire?.(order('scale', 'web', { to: 1 }), never);
  expect((await actuator.execute(order('scale', 'web', { to: 2 }), never)).status).toBe('succeeded');
  expect((await actuator.execute(order('restart', 'web/server-2'), never)).status).toBe('succeeded');
  expect(await living()).toEqual(['web/server-1', 'web/server-2']);
});

test('a member that the model no longer holds is not restarted', async () => {
  const actuator = await nextLife();
  rig.drop('web/server-2');
  expect(await actuator.execute(order('restart', 'web/server-2'), never)).toMatchObject({ status: 'failed' });
  expect(await living()).toEqual(['web/server-1']);
});
