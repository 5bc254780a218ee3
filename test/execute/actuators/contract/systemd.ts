/** The target of `systemd`: a systemctl that stands in for the real one. */
import { order, until } from '../rig.ts';
import { standIn } from '../systemd-rig.ts';
import type { Subject } from './subject.ts';

export const systemd: Subject = {
  kind: 'systemd',
  onceById: true,
  inquires: true,
  open: (rig) => {
    rig.put('shop/web', 'service');
    const there = standIn(rig);
    there.put('web.service');
    return {
      make: () => there.make(),
      order: () => order('restart', 'shop/web'),
      effects: () => there.effects().filter((effect) => !effect.startsWith('cancel')).length,
      hang: () => {
        there.flag('hang');
        return until(() => there.has('begun'));
      },
      leave: () => there.flag('away'),
      alive: () => there.read('web.service').includes('ActiveState=active'),
    };
  },
};
