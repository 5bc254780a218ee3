/** The rules of `intake.influx.map`: which points they fit, and what their fields are called here. Points come in few series, so what a series means is worked out once. */
import type { LineRuleDocument } from '../../documents/intake.ts';
import { durationMs } from '../../duration.ts';
import { elementBy, type Look, missingIn, propertyBy, type Template, templateOf } from '../../naming.ts';
import type { Point } from './line-protocol.ts';

interface Rule {
  readonly measurements: ReadonlySet<string> | undefined;
  readonly tags: readonly (readonly [tag: string, values: ReadonlySet<string>])[];
  readonly ignore: boolean;
  readonly element: Template;
  readonly property: Template | undefined;
  /** Field → property, or undefined: named as all are. */
  readonly fields: ReadonlyMap<string, Template | undefined> | undefined;
  readonly everyMs: number | undefined;
}

const setOf = (one: string | readonly string[]): ReadonlySet<string> => new Set(typeof one === 'string' ? [one] : one);
const BY_TAG = templateOf('{tag:element}');
const VALUE = templateOf('{measurement}');
const FIELD = templateOf('{measurement}_{field}');

function ruleOf(rule: LineRuleDocument): Rule {
  const { fields } = rule;
  return {
    measurements: rule.measurement === undefined ? undefined : setOf(rule.measurement),
    tags: Object.entries(rule.tags ?? {}).map(([tag, values]) => [tag, setOf(values)] as const),
    ignore: rule.ignore === true,
    element: rule.element === undefined ? BY_TAG : templateOf(rule.element),
    property: rule.property === undefined ? undefined : templateOf(rule.property),
    fields:
      fields === undefined
        ? undefined
        : new Map(
            Array.isArray(fields)
              ? fields.map((name) => [name, undefined])
              : Object.entries(fields).map(([name, to]) => [name, templateOf(to)]),
          ),
    everyMs: rule.every === undefined ? undefined : durationMs(rule.every),
  };
}

/** What the points of one series are. */
export interface Meaning {
  readonly element: string;
  readonly everyMs: number | undefined;
  /** The property of a field; undefined: it is left out. */
  readonly fieldOf: (field: string) => Named | undefined;
}

/** A property, or why it has no name. */
export interface Named {
  readonly property: string;
  readonly complaint?: string;
}

/** Series and fields that are remembered. Forgotten all at once when there are more: a flood of names must not fill the memory. */
const REMEMBERED = 10_000;

export class LineRules {
  readonly #rules: readonly Rule[];
  readonly #known = new Map<string, Meaning | string | undefined>();

  constructor(documents: readonly LineRuleDocument[] = [{}]) {
    this.#rules = documents.map(ruleOf);
  }

  /** A text says why the element has no name; undefined: such points are left out. */
  meaningOf(point: Point, database: string): Meaning | string | undefined {
    const key = `${database}\t${point.series}`;
    const known = this.#known.get(key);
    if (known !== undefined || this.#known.has(key)) return known;
    const meaning = this.#meaning(point, database);
    if (this.#known.size >= REMEMBERED) this.#known.clear();
    this.#known.set(key, meaning);
    return meaning;
  }

  #meaning(point: Point, database: string): Meaning | string | undefined {
    const rule = this.#rules.find((one) => fits(one, point));
    if (rule === undefined || rule.ignore) return undefined;
    const look = lookInto(point, database);
    const element = elementBy(rule.element, look);
    if (element === undefined) return lacks(rule.element, look);
    const names = new Map<string, Named | undefined>();
    const fieldOf = (field: string): Named | undefined => {
      if (names.has(field)) return names.get(field);
      const named = nameOf(rule, field, look);
      if (names.size < REMEMBERED) names.set(field, named);
      return named;
    };
    return { element, everyMs: rule.everyMs, fieldOf };
  }
}

function nameOf(rule: Rule, field: string, look: Look): Named | undefined {
  if (rule.fields !== undefined && !rule.fields.has(field)) return undefined;
  const template = rule.fields?.get(field) ?? rule.property ?? (field === 'value' ? VALUE : FIELD);
  const withField: Look = (name) => (name === 'field' ? field : look(name));
  const property = propertyBy(template, withField);
  return property === undefined ? { property: '', complaint: lacks(template, withField) } : { property };
}

const fits = (rule: Rule, point: Point): boolean =>
  (rule.measurements === undefined || rule.measurements.has(point.measurement)) &&
  rule.tags.every(([tag, values]) => values.has(point.tags.get(tag) ?? ''));

const lookInto =
  (point: Point, database: string): Look =>
  (name) => {
    if (name.startsWith('tag:')) {
      const value = point.tags.get(name.slice(4));
      // The tag that names an element outright may hold a path, as the id does.
      return name === 'tag:element' && value !== undefined ? value.split('/') : value;
    }
    return name === 'measurement' ? point.measurement : name === 'database' ? database : undefined;
  };

function lacks(template: Template, look: Look): string {
  const missing = missingIn(template, look)[0] ?? '';
  if (!missing.startsWith('tag:')) return `{${missing}} in "${template.text}" is none of {tag:NAME}, {measurement}, {database} and {field}`;
  const remedy =
    template === BY_TAG ? ': give it one, or say how its element is named (intake.influx.map)' : `, which "${template.text}" needs`;
  return `the point has no tag ${missing.slice(4)}${remedy}`;
}
