/** The target of `docker`: a served engine. */
import { dockerKind } from '../../../../src/execute/actuators/docker.ts';
import { fakeEngine } from '../docker-fake.ts';
import { order } from '../rig.ts';
import type { Subject } from './subject.ts';

export const docker: Subject = {
  kind: 'docker',
  onceById: true,
  inquires: true,
  open: async (rig) => {
    rig.put('shop/web', 'farm');
    const engine = await fakeEngine(rig.folder);
    const options = { host: engine.host, image: 'homeostat/busybox:test', pool: { type: 'server', name: 'server-{n}' } };
    let size = 0;
    return {
      make: () => dockerKind.create(options, rig.context),
      order: () => order('scale', 'shop/web', { to: ++size }),
      // A member that is made and one that is started are one effect.
      effects: () => engine.effects.filter((effect) => effect.endsWith('/start')).length,
      hang: () =>
        new Promise((resolve) => {
          engine.intercept = () => {
            resolve();
            return true;
          };
        }),
      leave: engine.end,
      alive: () => [...engine.containers.values()].every((one) => one.State.Running),
      end: engine.end,
    };
  },
};
