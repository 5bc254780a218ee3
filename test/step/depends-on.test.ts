import { compile } from '../../src/compile/index.ts';
import type { PolicyDocument } from '../../src/documents/policy.ts';
import type { Event } from '../../src/messages.ts';
import { farm, lost, over, raise, wants } from './arbitration.ts';
import { type Given, seen, setupOf, succeeded, World } from './world.ts';

/** app → web → db: each depends on the next. */
const chain = (policies: PolicyDocument[], more: Partial<Given> = {}): Given =>
  farm({ restart: { deadline: '30s' }, tune: {} }, policies, {
    elements: {
      app: { type: 'farm', relations: { dependsOn: ['web'] } },
      web: { type: 'farm', relations: { dependsOn: ['db'] } },
      db: { type: 'farm' },
      else: { type: 'farm' },
    },
    ...more,
  });
const restart = (name: string, element: string, priority: number) => wants(name, 'restart', {}, { scope: { element }, priority });
const policies = [restart('a', 'app', 9), restart('w', 'web', 5), restart('d', 'db', 1)];
const all = (t: number) => [...raise(t, ['a'], 'app'), ...raise(t, ['w'], 'web'), ...raise(t, ['d'], 'db')];

describe('what others depend on comes first', () => {
  test('whatever the priorities; the others are proposed afresh until it has its outcome', () => {
    const world = new World(chain(policies));
    const [first] = world.at(1, ...all(1)).commands;
    expect(first!.element).toBe('db');
    expect(lost(world)).toEqual([
      ['w', 'order', 'd'],
      ['a', 'order', 'd'],
    ]);
    expect(world.kinds('lost')[0]!.data.reason).toBe('web depends on db, where d acts first');
    expect(world.at(2, seen('app', 'latency', 1, 2)).commands).toEqual([]);
    expect(lost(world).slice(2)).toEqual([
      ['w', 'order', first!.id],
      ['a', 'order', first!.id],
    ]);
    const [second, ...none] = world.at(3, succeeded(first!.id)).commands;
    expect([second!.element, none]).toEqual(['web', []]);
    expect(world.at(4, succeeded(second!.id)).commands.map((c) => c.element)).toEqual(['app']);
  });

  test('over any number of elements in between', () => {
    const world = new World(chain([policies[0]!, policies[2]!]));
    expect(world.at(1, ...raise(1, ['a'], 'app'), ...raise(1, ['d'], 'db')).commands.map((c) => c.element)).toEqual(['db']);
    expect(lost(world)).toEqual([['a', 'order', 'd']]);
  });

  test('no word until the deadline is an outcome too', () => {
    const world = new World(chain(policies));
    world.at(1, ...all(1));
    expect(world.state.nextDue()).toBe(world.state.position.now + 30_000);
    expect(world.runTo(31).flatMap((step) => step.commands.map((c) => c.element))).toEqual(['web']);
  });

  test('what loses itself holds nobody', () => {
    const world = new World(
      chain([restart('a', 'app', 9), restart('d', 'db', 1)], { budgets: [{ name: 'none', scope: { policy: 'd' }, commands: 0 }] }),
    );
    expect(world.at(1, ...raise(1, ['a'], 'app'), ...raise(1, ['d'], 'db')).commands.map((c) => c.element)).toEqual(['app']);
  });

  test('elements that do not depend on each other go on, and so does who is depended on', () => {
    const world = new World(chain([...policies, restart('e', 'else', 1)]));
    const sent = world.at(1, ...raise(1, ['a'], 'app'), ...raise(1, ['e'], 'else')).commands;
    expect(sent.map((c) => c.element)).toEqual(['app', 'else']);
    expect(world.at(2, ...raise(2, ['d'], 'db')).commands.map((c) => c.element)).toEqual(['db']);
  });

  test('what is decided early for the sake of another draws on budgets in its place', () => {
    const world = new World(chain([...policies, restart('e', 'else', 5)], { budgets: [{ name: 'one', commands: 1 }] }));
    const { commands } = world.at(1, ...raise(1, ['e'], 'else'), ...raise(1, ['a'], 'app'), ...raise(1, ['d'], 'db'));
    expect(commands.map((c) => c.element)).toEqual(['db']);
    expect(lost(world)).toEqual([
      ['a', 'order', 'd'],
      ['e', 'budget', 'one'],
    ]);
  });

  test('a word to people waits for nobody, and nobody for it', () => {
    const notify = { actions: [{ command: 'notify', params: { text: 'x' } }] };
    const world = new World(chain([{ ...policies[0]!, ...notify }, policies[2]!]));
    expect(world.at(1, ...raise(1, ['a'], 'app'), ...raise(1, ['d'], 'db')).commands.map((c) => c.command)).toEqual(
      ['restart', 'notify'].reverse().sort((a, b) => (a === 'restart' ? -1 : b === 'restart' ? 1 : 0)),
    );
    const turned = new World(chain([policies[0]!, { ...policies[2]!, ...notify }]));
    expect(turned.at(1, ...raise(1, ['a'], 'app'), ...raise(1, ['d'], 'db')).commands).toHaveLength(2);
  });
});

test('wholes whose parts depend on each other in a circle: one of them acts', () => {
  const whole = (name: string, priority: number) =>
    wants(
      name,
      '',
      {},
      {
        priority,
        together: true,
        scope: { element: 'else' },
        actions: [
          { command: 'restart', target: `${name}1` },
          { command: 'restart', target: `${name}2` },
        ],
      },
    );
  const dependsOn: Record<string, string> = { g1: 'h1', h2: 'k1', k2: 'g2' };
  const ids = ['g1', 'g2', 'h1', 'h2', 'k1', 'k2'];
  const elements = Object.fromEntries(
    ids.map((id) => [id, { type: 'farm', relations: { dependsOn: dependsOn[id] === undefined ? [] : [dependsOn[id]] } }]),
  );
  const given = chain([whole('g', 9), whole('h', 5), whole('k', 1)], { elements: { ...elements, else: { type: 'farm' } } });
  const world = new World(given);
  expect(world.at(1, ...raise(1, ['g', 'h', 'k'], 'else')).commands.map((c) => c.element)).toEqual(['k1', 'k2']);
  expect(lost(world).filter(([, rule]) => rule === 'order')).toEqual([
    ['h', 'order', 'k'],
    ['g', 'order', 'k'],
  ]);
});

describe('a circle has no order', () => {
  const circle = { a: ['b'], b: ['c'], c: ['a'] };
  const elementsOf = (relations: Record<string, readonly string[]>): NonNullable<Given['elements']> =>
    Object.fromEntries(
      Object.entries(relations).map(([id, dependsOn]) => [id, { type: 'farm', relations: { dependsOn: [...dependsOn] } }]),
    );
  const findings = (relations: Record<string, readonly string[]>) =>
    compile(setupOf(farm({}, [], { elements: elementsOf(relations) })), 'homeostat.json').findings.list;

  test('it is refused at load, with the circle', () => {
    expect(findings(circle).map((f) => [f.code, f.pointer, f.message])).toEqual([
      ['H109', '/elements/a/relations/dependsOn', 'these elements depend on each other: a → b → c → a'],
    ]);
    expect(findings({ a: ['a'] }).map((f) => f.code)).toEqual(['H109']);
    expect(findings({ a: ['b', 'c'], b: ['c'], c: [] })).toEqual([]);
  });

  test('a name that refers to nothing is refused; an element with a path may come later', () => {
    expect(findings({ a: ['typo', 'a/later'] }).map((f) => [f.code, f.pointer])).toEqual([['H005', '/elements/a/relations/dependsOn/0']]);
  });

  const appeared = (element: string, dependsOn: string[]): Event => ({
    kind: 'appeared',
    element,
    document: { type: 'farm', relations: { dependsOn } },
    source: 'test',
  });

  test('an element that would close one at run time is a dead letter, with the circle', () => {
    const world = new World(farm({}, [], { elements: elementsOf({ a: ['a/b'] }) }));
    world.at(1, appeared('a/b', ['a/c']));
    world.at(2, appeared('a/c', ['a']));
    expect(world.state.elements.get('a/c')).toBeUndefined();
    expect(world.kinds('deadLetter').map((e) => e.text)).toEqual(['"a/c" would depend on itself: a/c → a → a/b → a/c']);
    world.at(3, appeared('a/b', ['a']));
    expect(world.state.elements.get('a/b')!.document.relations).toEqual({ dependsOn: ['a/c'] });
    expect(world.kinds('deadLetter')).toHaveLength(2);
  });

  test('a reload that turns the direction round is no circle on its way', () => {
    const world = new World(farm({}, [], { elements: elementsOf({ a: [], b: ['a'] }) }));
    world.configure(1, farm({}, [], { elements: elementsOf({ a: ['b'], b: [] }) }));
    expect(world.kinds('deadLetter')).toEqual([]);
    expect(world.state.elements.get('a')!.document.relations).toEqual({ dependsOn: ['b'] });
  });

  test('a reload that closes one with an element that came at run time is a dead letter too', () => {
    const world = new World(farm({}, [], { elements: elementsOf({ a: [] }) }));
    world.at(1, appeared('a/b', ['a']));
    world.configure(2, farm({}, [], { elements: elementsOf({ a: ['a/b'] }) }));
    expect(world.kinds('deadLetter').map((e) => e.text)).toEqual(['"a" would depend on itself: a → a/b → a']);
  });
});

test('a long chain needs no deep stack', () => {
  const count = 1_000;
  const elements = Object.fromEntries(
    Array.from({ length: count }, (_, i) => [`e${i}`, { type: 'farm', ...(i === 0 ? {} : { relations: { dependsOn: [`e${i - 1}`] } }) }]),
  );
  const world = new World(farm({ restart: {} }, [wants('a', 'restart', {}, { conditions: over('a', 0) })], { elements }));
  const { commands } = world.at(1, ...Object.keys(elements).flatMap((id) => raise(1, ['a'], id)));
  expect(commands.map((c) => c.element)).toEqual(['e0']);
});
