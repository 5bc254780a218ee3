/** A frozen manager that wakes after its domains have moved. Twenty of them: `npm run zombies -- --times 20`. */
import { describeWith } from '../servers/index.ts';
import { zombies } from './faults/zombies.ts';

describeWith('kafka', 'a manager that wakes when another has taken over', () => {
  test('commits nothing and carries out nothing, and nothing is lost or done twice', async () => {
    const { rounds, findings, figures } = await zombies(1, 7);
    expect(findings).toEqual([]);
    expect(rounds).toMatchObject([{ findings: [] }]);
    expect(rounds[0]!.said).not.toEqual([]);
    expect(rounds[0]!.others).toBeGreaterThan(0);
    expect(figures.effects).toBeGreaterThan(0);
  }, 240_000);
});
