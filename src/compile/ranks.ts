/** The order in which derived properties are refreshed: what a property rests on comes before it. A cycle has no order and is refused. */

export interface Node {
  readonly id: string;
  readonly restsOn: readonly string[];
}

/** The rank of each node, 0 for those that rest on nothing; or the nodes of one cycle. */
export function rank(nodes: readonly Node[]): { readonly ranks: ReadonlyMap<string, number> } | { readonly cycle: readonly string[] } {
  const byId = new Map(nodes.map((node) => [node.id, node]));
  const ranks = new Map<string, number>();
  const path: string[] = [];
  const visit = (id: string): readonly string[] | undefined => {
    if (ranks.has(id)) return undefined;
    const again = path.indexOf(id);
    if (again >= 0) return [...path.slice(again), id];
    path.push(id);
    let highest = -1;
    for (const below of byId.get(id)?.restsOn ?? []) {
      const cycle = visit(below);
      if (cycle !== undefined) return cycle;
      highest = Math.max(highest, ranks.get(below)!);
    }
    path.pop();
    ranks.set(id, highest + 1);
    return undefined;
  };
  for (const node of nodes) {
    const cycle = visit(node.id);
    if (cycle !== undefined) return { cycle };
  }
  return { ranks };
}
