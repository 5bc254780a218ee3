/** Which series of a scrape become which properties of which elements, and how several become one. */

import { type Static, Type } from '../../documents/schema.ts';
import { HomeostatError } from '../../errors.ts';
import { elementBy, type Look, missingIn, propertyBy, type Template, templateOf } from '../../naming.ts';
import { nameOf } from '../../placeholders.ts';
import type { ExposedSample, Exposition, Labels } from './exposition.ts';
import { type Buckets, quantileOf, since } from './histogram.ts';
import type { Measurement, Sample } from './probe.ts';
import { parseSelector, type Selector } from './selector.ts';

/** Properties that one scrape may give. */
const MAX_PROPERTIES = 10_000;

export const SeriesOptions = Type.Object(
  {
    select: Type.String({
      minLength: 1,
      maxLength: 2_000,
      description:
        'the series, as Prometheus selects them: http_requests_total{code=~"5.."}; {id} and {name} stand for the element of the probe',
    }),
    property: Type.String({
      minLength: 1,
      maxLength: 200,
      description: 'the property it becomes; {label} stands for a label of the series',
    }),
    element: Type.Optional(
      Type.String({ minLength: 1, maxLength: 200, description: 'the element, such as web/{instance}; that of the probe if not given' }),
    ),
    combine: Type.Optional(
      Type.Union([Type.Literal('sum'), Type.Literal('min'), Type.Literal('max'), Type.Literal('mean')], {
        description: 'how several series that are one property become one value; without it that is a mistake',
      }),
    ),
    quantile: Type.Optional(
      Type.Number({
        minimum: 0,
        maximum: 1,
        description: 'of a histogram, of what was measured since the last scrape: give its name without _bucket',
      }),
    ),
    times: Type.Optional(Type.Number({ description: 'the value is multiplied by this: 1000 makes milliseconds of seconds' })),
    optional: Type.Optional(Type.Boolean({ description: 'whether it is right that no series fits' })),
  },
  { additionalProperties: false },
);
export type Rule = Readonly<Static<typeof SeriesOptions>>;

interface Selected extends Rule {
  readonly selector: Selector;
  /** The name of its samples. */
  readonly sampled: string;
  readonly toElement: Template | undefined;
  readonly toProperty: Template;
  /** The buckets of the last scrape, by element and property. */
  before: Map<string, Buckets>;
}

/** The series of one property of one element. */
interface Group {
  readonly element: string;
  readonly property: string;
  readonly samples: ExposedSample[];
}

export class SeriesReader {
  readonly #rules: readonly Selected[];
  readonly #names: ReadonlySet<string>;
  readonly #element: string;

  /** @throws HomeostatError H007 or H413 if a rule is wrong */
  constructor(rules: readonly Rule[], { name, element }: { readonly name: string; readonly element: string }) {
    this.#element = element;
    this.#rules = rules.map((rule) => selectedOf(rule, name, element));
    this.#names = new Set(this.#rules.map((rule) => rule.sampled));
  }

  wants(name: string): boolean {
    return this.#names.has(name);
  }

  read(exposition: Exposition): Measurement {
    const samples: Sample[] = [];
    const wrong: string[] = [];
    for (const rule of this.#rules) {
      const type = exposition.types.get(rule.selector.name);
      if (rule.quantile !== undefined && type !== undefined && type !== 'histogram') {
        wrong.push(`${rule.selector.name} is a ${type}, and only a histogram has "quantile"`);
        continue;
      }
      const groups = this.#groups(rule, exposition, wrong);
      if (groups.size === 0 && rule.optional !== true) wrong.push(`no series fits ${rule.select}`);
      const buckets = new Map<string, Buckets>();
      for (const [key, group] of groups) {
        if (samples.length >= MAX_PROPERTIES) {
          wrong.push(`there are more than ${MAX_PROPERTIES} properties; select less`);
          break;
        }
        const value = rule.quantile === undefined ? combined(rule, group, wrong) : quantile(rule, key, group, buckets);
        // What is not finite is what exporters say when they have no value.
        if (value === undefined || !Number.isFinite(value)) continue;
        const time = group.samples[0]!.time;
        samples.push({
          element: group.element,
          property: group.property,
          value: value * (rule.times ?? 1),
          ...(time === undefined ? {} : { time }),
        });
      }
      rule.before = buckets;
    }
    return wrong.length === 0 ? { samples } : { samples, wrong: wrong.join('; ') };
  }

  #groups(rule: Selected, exposition: Exposition, wrong: string[]): ReadonlyMap<string, Group> {
    const groups = new Map<string, Group>();
    let nameless: string | undefined;
    for (const sample of exposition.samples) {
      if (sample.name !== rule.sampled || !rule.selector.fits(sample.labels)) continue;
      const look = lookInto(sample.labels, rule.selector.name, this.#element);
      const element = rule.toElement === undefined ? this.#element : elementBy(rule.toElement, look);
      const property = propertyBy(rule.toProperty, look);
      if (element === undefined || property === undefined) {
        nameless ??= [...missingIn(rule.toElement ?? rule.toProperty, look), ...missingIn(rule.toProperty, look)][0];
        continue;
      }
      const key = `${element}\t${property}`;
      const group = groups.get(key);
      if (group === undefined) groups.set(key, { element, property, samples: [sample] });
      else group.samples.push(sample);
    }
    if (nameless !== undefined) wrong.push(`a series of ${rule.select} has no label ${nameless}`);
    return groups;
  }
}

function selectedOf(rule: Rule, probe: string, element: string): Selected {
  const text = rule.select.replace(/\{(id|name)\}/g, (_, which: string) => (which === 'id' ? element : nameOf(element)));
  let selector: Selector;
  try {
    selector = parseSelector(text);
  } catch (thrown) {
    throw thrown instanceof HomeostatError
      ? new HomeostatError(thrown.code, `probe ${probe}: ${thrown.message}`, { cause: thrown })
      : thrown;
  }
  if (rule.quantile !== undefined && rule.combine !== undefined)
    throw new HomeostatError('H007', `probe ${probe}: buckets of several series are added up before their quantile; leave "combine" out`);
  return {
    ...rule,
    selector,
    sampled: rule.quantile === undefined ? selector.name : `${selector.name}_bucket`,
    toElement: rule.element === undefined ? undefined : templateOf(rule.element),
    toProperty: templateOf(rule.property),
    before: new Map(),
  };
}

/** A label; beside the labels `__name__`, and `id` and `name` of the probe's element where no label has that name. */
const lookInto =
  (labels: Labels, metric: string, element: string): Look =>
  (placeholder) =>
    labels.get(placeholder) ??
    (placeholder === '__name__'
      ? metric
      : placeholder === 'id'
        ? element.split('/')
        : placeholder === 'name'
          ? nameOf(element)
          : undefined);

function combined(rule: Selected, { element, property, samples }: Group, wrong: string[]): number | undefined {
  if (samples.length === 1) return samples[0]!.value;
  const values = samples.map(({ value }) => value);
  switch (rule.combine) {
    case undefined:
      wrong.push(
        `${samples.length} series of ${rule.select} are property ${property} of ${element}; select one by its labels, put a label into "property" or "element", or say how to "combine" them`,
      );
      return undefined;
    case 'sum':
      return values.reduce((sum, value) => sum + value, 0);
    case 'mean':
      return values.reduce((sum, value) => sum + value, 0) / values.length;
    case 'min':
      return values.reduce((least, value) => Math.min(least, value), Infinity);
    case 'max':
      return values.reduce((most, value) => Math.max(most, value), -Infinity);
  }
}

/** From the second scrape on: the first has nothing to be compared with. */
function quantile(rule: Selected, key: string, { samples }: Group, kept: Map<string, Buckets>): number | undefined {
  const now = new Map<number, number>();
  for (const { labels, value } of samples) {
    const bound = labels.get('le') === '+Inf' ? Infinity : Number(labels.get('le') ?? Number.NaN);
    if (!Number.isNaN(bound) && Number.isFinite(value)) now.set(bound, (now.get(bound) ?? 0) + value);
  }
  kept.set(key, now);
  const before = rule.before.get(key);
  return before === undefined ? undefined : quantileOf(rule.quantile!, since(before, now));
}
