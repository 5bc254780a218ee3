/** A frozen manager that wakes after its domains have moved. Twenty of them: `npm run zombies -- --times 20`. */
import { describeWith } from '../servers/index.ts';
import { zombies } from './faults/zombies.ts';

describeWith('kafka', 'a manager that wakes when another has taken over', () => {
  test.each([
    ['its session was over', false],
    ['a third left, and the group went on without it before its session was over', true],
  ])(
    'commits nothing and carries out nothing, and nothing is lost or done twice: %s',
    async (_, short) => {
      const { rounds, findings, figures } = await zombies({ times: 1, seed: 7, short });
      expect(findings).toEqual([]);
      expect(rounds).toMatchObject([{ findings: [] }]);
      expect(rounds[0]!.said).not.toEqual([]);
      expect(figures.effects).toBeGreaterThan(0);
    },
    240_000,
  );
});
