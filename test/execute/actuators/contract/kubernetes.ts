/** The target of `kubernetes`: a served API. */
import { kubernetesKind } from '../../../../src/execute/actuators/kubernetes.ts';
import { fakeCluster, WEB } from '../kubernetes-fake.ts';
import { order } from '../rig.ts';
import type { Subject } from './subject.ts';

export const kubernetes: Subject = {
  kind: 'kubernetes',
  onceById: true,
  inquires: true,
  open: async (rig) => {
    rig.put('shop/web', 'farm');
    const cluster = await fakeCluster(rig.folder);
    return {
      make: () => kubernetesKind.create({ kubeconfig: cluster.kubeconfig }, rig.context),
      order: () => order('restart', 'shop/web'),
      effects: () => cluster.patches.length,
      hang: () =>
        new Promise((resolve) => {
          cluster.intercept = () => {
            resolve();
            return true;
          };
        }),
      leave: cluster.end,
      alive: () => cluster.objects.has(WEB),
      end: cluster.end,
    };
  },
};
