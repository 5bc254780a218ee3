/** Who gets which partitions. Worked out by one member of the group, the same whoever it is; who has a partition keeps it where that is fair. */

export interface Claim {
  readonly member: string;
  /** What it had, and since which generation of the group: the newest word on a partition holds. */
  readonly owned: readonly number[];
  readonly generation: number;
}

const byMember = (a: Claim, b: Claim): number => (a.member < b.member ? -1 : a.member > b.member ? 1 : 0);

/** Partitions by member, sorted. `share`: numbers differ by one at most. `single`: all to one, who keeps them as long as it is there. */
export function assign(claims: readonly Claim[], partitions: number, spread: 'share' | 'single'): ReadonlyMap<string, readonly number[]> {
  const members = [...claims].sort(byMember);
  const shares = new Map<string, number[]>(members.map(({ member }) => [member, []]));
  if (members.length === 0) return shares;
  const owners = ownersOf(members, partitions);
  if (spread === 'single') {
    const all = Array.from({ length: partitions }, (_, n) => n);
    shares.set(mostOf(owners, members), all);
    return shares;
  }
  const least = Math.floor(partitions / members.length);
  let larger = partitions % members.length;
  const free: number[] = [];
  const kept = new Map<string, number[]>(members.map(({ member }) => [member, []]));
  for (let n = 0; n < partitions; n++) {
    const owner = owners.get(n);
    if (owner === undefined) free.push(n);
    else kept.get(owner)!.push(n);
  }
  // Who has most keeps most: of those with more than the least, the first so many may keep one more.
  const byKept = [...members].sort((a, b) => kept.get(b.member)!.length - kept.get(a.member)!.length || byMember(a, b));
  const sizes = new Map<string, number>();
  for (const { member } of byKept) {
    const more = larger > 0 ? 1 : 0;
    larger -= more;
    sizes.set(member, least + more);
  }
  for (const { member } of members) {
    const had = kept.get(member)!;
    shares.set(member, had.slice(0, sizes.get(member)!));
    free.push(...had.slice(sizes.get(member)!));
  }
  free.sort((a, b) => a - b);
  for (const { member } of members) {
    const share = shares.get(member)!;
    while (share.length < sizes.get(member)!) share.push(free.shift()!);
    share.sort((a, b) => a - b);
  }
  return shares;
}

/** Of two that claim a partition the one with the newer generation has it, then the first by name. */
function ownersOf(members: readonly Claim[], partitions: number): ReadonlyMap<number, string> {
  const owners = new Map<number, Claim>();
  for (const claim of members)
    for (const n of claim.owned) {
      const rival = owners.get(n);
      if (n < partitions && (rival === undefined || rival.generation < claim.generation)) owners.set(n, claim);
    }
  return new Map([...owners].map(([n, { member }]) => [n, member]));
}

function mostOf(owners: ReadonlyMap<number, string>, members: readonly Claim[]): string {
  const counts = new Map<string, number>();
  for (const member of owners.values()) counts.set(member, (counts.get(member) ?? 0) + 1);
  let [best, most] = [members[0]!.member, 0];
  for (const { member } of members) if ((counts.get(member) ?? 0) > most) [best, most] = [member, counts.get(member)!];
  return best;
}
