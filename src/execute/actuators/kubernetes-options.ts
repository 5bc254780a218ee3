/** What the kubernetes actuator may be told. See docs/actuators.md. */

import { type Static, Type } from '../../documents/schema.ts';
import { Duration } from '../../duration.ts';
import type { OptionMistake } from './actuator.ts';

const closed = { additionalProperties: false } as const;
const described = <T extends object>(schema: T, description: string): T => ({ ...schema, description });
const Text = (description: string) => Type.Optional(Type.String({ minLength: 1, description }));

const Published = Type.Union([
  Type.Literal('replicas'),
  Type.Literal('readyReplicas'),
  Type.Literal('updatedReplicas'),
  Type.Literal('unschedulable'),
]);

const Patch = Type.Object(
  {
    type: Type.Optional(
      Type.Union([Type.Literal('strategic'), Type.Literal('merge'), Type.Literal('json')], {
        description:
          'strategic (lists of containers and the like are merged by name; not for custom resources), merge (RFC 7386) or json (RFC 6902); strategic if not given',
      }),
    ),
    body: Type.Unknown({ description: 'the patch: an object, or a list of operations for json; placeholders are replaced in its texts' }),
  },
  { ...closed, description: 'what the operation patch does' },
);

export const KubernetesOptions = Type.Object(
  {
    kubeconfig: Text(
      'the kubeconfig file, relative to the manager file; if not given KUBECONFIG, ~/.kube/config, or in a pod its service account',
    ),
    context: Text('the context of the kubeconfig; its current one if not given'),
    apiVersion: Text('of the resource, such as apps/v1 or argoproj.io/v1alpha1; apps/v1 if not given, v1 for a Node'),
    kind: Text('of the resource, such as Deployment, StatefulSet, ReplicaSet or Node; Deployment if not given'),
    name: Text('of the resource, with placeholders; {name} if not given'),
    namespace: Text('of the resource, with placeholders; that of the context if not given, else default'),
    patch: Type.Optional(Patch),
    ready: Type.Optional(
      described(
        Duration,
        'how long a roll-out may take after scale, restart and patch until all replicas are ready; not waited for if not given',
      ),
    ),
    publishes: Type.Optional(
      Type.Array(Published, {
        description: 'properties that the type of the elements declares and that outcomes tell, read back; none if not given',
      }),
    ),
    fieldManager: Type.Optional(
      Type.String({
        minLength: 1,
        maxLength: 128,
        description: 'whom the cluster notes as the manager of the fields that are set; homeostat if not given',
      }),
    ),
  },
  closed,
);
export type KubernetesOptions = Readonly<Static<typeof KubernetesOptions>>;

export const kindOf = ({ kind = 'Deployment' }: KubernetesOptions): string => kind;
export const apiVersionOf = (options: KubernetesOptions): string => options.apiVersion ?? (kindOf(options) === 'Node' ? 'v1' : 'apps/v1');

/** What no schema says: which options belong together. */
export function checkKubernetes(options: KubernetesOptions, operations: readonly string[]): readonly OptionMistake[] {
  const { patch } = options;
  const kind = kindOf(options);
  const mistakes: OptionMistake[] = [];
  const wrong = (at: readonly string[], message: string, remedy: string) => mistakes.push({ at, message, remedy });
  if (operations.includes('patch') && !patch) wrong([], 'the operation patch needs the option "patch"', 'say under "patch" what it does');
  if (patch && (patch.type === 'json') !== Array.isArray(patch.body))
    wrong(
      ['patch', 'body'],
      `a patch of type ${patch.type ?? 'strategic'} is ${patch.type === 'json' ? 'a list of operations' : 'an object'}`,
      'correct the type or the body',
    );
  for (const operation of operations) {
    const isOfNodes = operation === 'cordon' || operation === 'uncordon';
    if (isOfNodes && kind !== 'Node')
      wrong(['kind'], `${operation} is for nodes, and this is a ${kind}`, 'write "kind": "Node", or use another actuator for it');
    if ((operation === 'scale' || operation === 'restart') && kind === 'Node')
      wrong(['kind'], `a Node knows no ${operation}`, 'use an actuator of its own for what is to be scaled or restarted');
  }
  return mistakes;
}
