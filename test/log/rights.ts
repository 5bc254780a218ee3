/** The rights that docs/kafka.md says an operator must grant, read from the page itself. */
import { readFileSync } from 'node:fs';

const page = readFileSync(new URL('../../docs/kafka.md', import.meta.url), 'utf8');

/** The arguments of each `kafka-acls.sh … --add` of the page, for a user and a name of services. */
export function rightsOf(user: string, name: string): string[][] {
  const commands = [...page.matchAll(/^kafka-acls\.sh --bootstrap-server BROKER --add (.*)$/gm)].map(([, args]) => args!);
  if (commands.length === 0) throw new Error('docs/kafka.md shows no kafka-acls.sh');
  return commands.map((args) =>
    args
      .replaceAll('User:homeostat', `User:${user}`)
      .replaceAll(/(--(?:topic|group|transactional-id)) homeostat/g, `$1 ${name}`)
      .split(' ')
      .filter((part) => part !== ''),
  );
}
