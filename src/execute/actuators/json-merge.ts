/** JSON laid over JSON. */
export type Json = Readonly<Record<string, unknown>>;

export const isJsonObject = (value: unknown): value is Json => typeof value === 'object' && value !== null && !Array.isArray(value);

/** The first with what the second says: objects by key, all else as a whole. */
export function merged(base: Json, over: Json): Json {
  const both = Object.entries(over).map(([key, value]) => {
    const below = base[key];
    return [key, isJsonObject(value) && isJsonObject(below) ? merged(below, value) : value];
  });
  return { ...base, ...Object.fromEntries(both) };
}
