import fc from 'fast-check';
import type { Value } from '../../../src/messages.ts';
import { createGauge } from '../../../src/monitor/gauges/create.ts';
import type { GaugeReading } from '../../../src/monitor/gauges/gauge.ts';

/** The vote of facts named a, b, c, … with these values. */
function vote(values: readonly (Value | undefined)[], more: object = {}): GaugeReading {
  const names = values.map((_, i) => `f${i}`);
  const gauge = createGauge({ kind: 'vote', of: names, ...more });
  if (gauge.over !== 'readings') throw new Error('it is over readings');
  return gauge.read((fact) => values[names.indexOf(fact)], 0);
}

function voteOfChildren(values: readonly (Value | undefined)[], more: object = {}): GaugeReading {
  const gauge = createGauge({ kind: 'vote', of: 'heat', ...more });
  if (gauge.over !== 'children') throw new Error('it is over children');
  return gauge.read(values);
}

test('one of three that says something else is outvoted', () => {
  expect(vote([20.1, 20.3, 85], { tolerance: 0.5 })).toEqual({ value: expect.closeTo(20.2, 9), confidence: 2 / 3 });
  expect(vote([20.1, 20.3, 20.2], { tolerance: 0.5 })).toEqual({ value: 20.2 });
});

test('texts and truths agree if they are the same', () => {
  expect(vote(['open', 'shut', 'open'])).toEqual({ value: 'open', confidence: 2 / 3 });
  expect(vote([true, true, 1])).toEqual({ value: true, confidence: 2 / 3 });
});

test('without enough that agree it is unknown, and says how many do', () => {
  expect(vote([20, 30, 40], { tolerance: 1 })).toEqual({ why: 'only 1 of 3 agree, and 2 must' });
  expect(vote([20, 20, undefined], { k: 3 })).toEqual({ why: 'only 2 of 3 agree, and 3 must; 1 have no value' });
  expect(vote([undefined, undefined])).toEqual({ why: 'only 0 of 2 agree, and 2 must; 2 have no value' });
});

test('two answers of the same weight are none', () => {
  expect(vote([1, 1, 9, 9], { k: 2 })).toEqual({ why: '2 of 4 say 1, and as many 9' });
  expect(vote([0, 2, 2, 4, 10, 11, 12], { k: 3, tolerance: 2 }).why).toBe('3 of 7 say 2, and as many 11');
  // The closer group is the surer one.
  expect(vote([1, 2, 9, 9], { k: 2, tolerance: 1 })).toEqual({ value: 9, confidence: 0.5 });
});

test('those who say nothing count among all: a majority is one of all sensors', () => {
  expect(vote([5, 5, undefined, undefined])).toEqual({ why: 'only 2 of 4 agree, and 3 must; 2 have no value' });
  expect(vote([5, 5, 5, undefined])).toEqual({ value: 5, confidence: 0.75 });
});

test('children vote as facts do; without any it is unknown', () => {
  expect(voteOfChildren([20, 20, 50])).toEqual({ value: 20, confidence: 2 / 3 });
  expect(voteOfChildren([])).toEqual({ why: 'it has no children' });
  expect(createGauge({ kind: 'vote', of: 'heat', type: 'sensor' })).toMatchObject({ over: 'children', of: 'heat', type: 'sensor' });
});

test('it is right by the definition: no larger set lies within the tolerance, and the value is the median of one that does', () => {
  const sensors = fc.array(fc.option(fc.integer({ min: -12, max: 12 }), { nil: undefined }), { minLength: 2, maxLength: 9 });
  fc.assert(
    fc.property(sensors, fc.integer({ min: 1, max: 9 }), fc.integer({ min: 0, max: 6 }), (values, least, tolerance) => {
      const k = Math.min(least, values.length);
      // Every subset, as the definition has it.
      let [size, spread, medians] = [0, 0, new Set<number>()];
      for (let mask = 1; mask < 2 ** values.length; mask++) {
        const group = values.filter((_, i) => (mask >> i) % 2 === 1);
        if (group.includes(undefined)) continue;
        const sorted = (group as number[]).sort((a, b) => a - b);
        const apart = sorted.at(-1)! - sorted[0]!;
        if (apart > tolerance || sorted.length < size || (sorted.length === size && apart > spread)) continue;
        if (sorted.length > size || apart < spread) medians = new Set();
        [size, spread] = [sorted.length, apart];
        medians.add((sorted[Math.floor((size - 1) / 2)]! + sorted[Math.ceil((size - 1) / 2)]!) / 2);
      }
      const { value, why, confidence } = vote(values, { k, tolerance });
      if (size < k || medians.size > 1) return expect(typeof why).toBe('string');
      expect([...medians]).toEqual([value]);
      expect(confidence ?? 1).toBe(size / values.length);
    }),
  );
});

test('the order of the sensors makes no difference', () => {
  const sensors = fc.array(fc.constantFrom<Value | undefined>(1, 2, 3, -0, 'up', 'down', true, undefined), { minLength: 2, maxLength: 8 });
  fc.assert(
    fc.property(sensors, fc.nat(2), (values, tolerance) => {
      const [there, back] = [vote(values, { k: 2, tolerance }), vote([...values].reverse(), { k: 2, tolerance })];
      expect(back.value).toBe(there.value);
      expect(back.confidence).toBe(there.confidence);
      expect(there.value).not.toBe(-0);
    }),
  );
});

test('what can never be agreed on is refused', () => {
  expect(() => vote([1, 2], { k: 3 })).toThrow('vote: 3 of 2 can never agree; let k be 2 at most');
  expect(() => vote([1, 2], { type: 'sensor' })).toThrow('vote: "type" is of children');
  expect(() => createGauge({ kind: 'vote', of: ['a'] })).toThrow('gauge "vote": of');
});
