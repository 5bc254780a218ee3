/** What the docker actuator may be told. See docs/actuators.md. */

import { type Static, Type } from '../../documents/schema.ts';
import { Duration } from '../../duration.ts';
import type { OptionMistake } from './actuator.ts';
import { PoolOptions } from './process-options.ts';
import { TlsOptions } from './tls.ts';

const described = <T extends object>(schema: T, description: string): T => ({ ...schema, description });

const Published = Type.Union([
  Type.Literal('state'),
  Type.Literal('health'),
  Type.Literal('restarts'),
  Type.Literal('cpus'),
  Type.Literal('memory'),
]);

export const DockerOptions = Type.Object(
  {
    host: Type.Optional(
      Type.String({
        pattern: '^(unix:///.+|tcp://[^/]+:[0-9]+|https?://[^/]+:[0-9]+)$',
        description: 'the engine: unix:///path/to/socket, tcp://host:port or https://host:port; unix:///var/run/docker.sock if not given',
      }),
    ),
    tls: Type.Optional(described(TlsOptions, 'for an engine over tcp or https that asks for certificates: files ca, cert and key')),
    container: Type.Optional(
      Type.String({
        minLength: 1,
        description:
          'the name or id of the element’s container, with placeholders; {name} if not given. Members of a pool are found by their labels',
      }),
    ),
    grace: Type.Optional(
      described(
        Duration,
        'how long a container may take to end after its stop signal before it gets KILL, in whole seconds; 10s if not given',
      ),
    ),
    healthy: Type.Optional(
      described(Duration, 'how long a started container that has a health check may take to be healthy; not waited for if not given'),
    ),
    publishes: Type.Optional(
      Type.Array(Published, {
        description:
          'properties that the type of the elements declares and that outcomes tell, read back from the engine; none if not given',
      }),
    ),
    pool: Type.Optional(
      described(PoolOptions, 'an element of this actuator is a pool, and its members are containers; scale sets their number'),
    ),
    image: Type.Optional(
      Type.String({ minLength: 1, description: 'what members of the pool are made from, with placeholders; it is not pulled' }),
    ),
    template: Type.Optional(
      Type.String({
        minLength: 1,
        description: 'a container, by name or id, whose configuration the members of the pool get; it may be stopped',
      }),
    ),
    config: Type.Optional(
      Type.Record(Type.String(), Type.Unknown(), {
        description:
          'what is different for members: parts of the body of the Engine API’s POST /containers/create, such as Env, Cmd and HostConfig; placeholders in its texts',
      }),
    ),
    service: Type.Optional(
      Type.String({ minLength: 1, description: 'the name of a replicated swarm service that scale sets, with placeholders' }),
    ),
  },
  { additionalProperties: false },
);
export type DockerOptions = Readonly<Static<typeof DockerOptions>>;

/** What no schema says: which options belong together. */
export function checkDocker(options: DockerOptions, operations: readonly string[]): readonly OptionMistake[] {
  const { pool, image, template, service, config, host = 'unix:///', tls } = options;
  const mistakes: OptionMistake[] = [];
  const wrong = (at: readonly string[], message: string, remedy: string) => mistakes.push({ at, message, remedy });
  if (operations.includes('scale') && !pool && service === undefined)
    wrong(
      [],
      'the operation scale needs the option "pool" or "service"',
      'say under "pool" what type and names its members have, or name the swarm service',
    );
  if (pool && service !== undefined)
    wrong(['service'], 'it stands beside "pool"', 'keep one of the two: containers of our own, or a service of the swarm');
  if (pool && (image === undefined) === (template === undefined))
    wrong(
      ['pool'],
      image === undefined ? 'members need an "image" or a "template"' : '"image" and "template" exclude each other',
      'give one of the two beside "pool"',
    );
  for (const name of ['image', 'template', 'config'] as const)
    if ({ image, template, config }[name] !== undefined && !pool)
      wrong([name], `"${name}" is only for the members of a "pool"`, 'add "pool", or remove it');
  if (tls && host.startsWith('unix:')) wrong(['tls'], 'a Unix socket has no TLS', 'remove it, or name the engine as tcp://host:port');
  return mistakes;
}
